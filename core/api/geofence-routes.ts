import type { Bounds, GeofenceImport, GeofenceShape } from '../places/geofences.ts';
import { normalisePlate } from '../plates/plates.ts';
import { givenInstant, wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { createPlateSearch } from './plate-search.ts';
import { found, idParams, listOf, route, type RouteSpec } from './route.ts';

const boundsOf = (text: string | undefined): Bounds | null => {
  if (text === undefined) return null;
  const [west = 0, south = 0, east = 0, north = 0] = text.split(',').map(Number);
  return [west, south, east, north];
};

/** Geofences, who came and went, who is inside. */
export function geofenceRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { geofences } = hub;
  const audit = auditOf(hub);
  const searched = createPlateSearch({ hub });
  const summary = ({
    name,
    shape,
  }: {
    readonly name: string;
    readonly shape: GeofenceShape;
  }): Record<string, unknown> => ({
    ...{ name, kind: shape.kind },
  });
  return [
    route({
      method: 'get',
      path: '/geofences',
      needs: 'cameras.view',
      summary: 'Geofences by name, a page at a time',
      query: contract.GeofenceQuery,
      answer: contract.GeofencePage,
      async handle({ query: { search = null, bbox, cursor = null, limit } }) {
        return wire(await geofences.list({ search, within: boundsOf(bbox), cursor, limit }));
      },
    }),
    route({
      method: 'post',
      path: '/geofences',
      needs: 'places.manage',
      summary: 'Add a geofence',
      body: contract.GeofenceInput,
      answer: contract.Geofence,
      status: 201,
      async handle({ body, ...asker }) {
        const fence = await geofences.create(body);
        await audit(asker, 'geofence.created', fence.geofenceId, summary(fence));
        return wire(fence);
      },
    }),
    route({
      method: 'get',
      path: '/geofences/export',
      needs: 'cameras.view',
      summary: 'All geofences as GeoJSON; a circle is a point with a radius, a corridor a line with a width',
      media: 'application/geo+json',
      handle({ res }) {
        res.setHeader('Content-Disposition', 'attachment; filename="geofences.geojson"');
        res.type('application/geo+json').send(JSON.stringify(geofences.export()));
        return Promise.resolve();
      },
    }),
    route({
      method: 'post',
      path: '/geofences/check',
      needs: 'places.manage',
      summary: 'What stands of a shape while it is drawn: faults, size, cameras',
      body: contract.GeofenceCheckInput,
      answer: contract.GeofenceCheck,
      status: 200,
      handle: ({ body: { shape, marginMetres } }) => Promise.resolve(wire(geofences.check(shape, marginMetres))),
    }),
    route({
      method: 'post',
      path: '/geofences/import/preview',
      needs: 'places.manage',
      summary: 'What would be made of a GeoJSON, KML or WKT text; nothing is stored',
      body: contract.GeofenceImportInput,
      answer: contract.GeofenceImportPreview,
      handle: ({ body }) => Promise.resolve(wire(geofences.preview(body satisfies GeofenceImport))),
    }),
    route({
      method: 'post',
      path: '/geofences/import',
      needs: 'places.manage',
      summary: 'Add all geofences of a GeoJSON, KML or WKT text, or none',
      body: contract.GeofenceImportInput,
      answer: listOf(contract.Geofence),
      status: 201,
      async handle({ body, ...asker }) {
        const items = await geofences.import(body);
        const names = items.slice(0, 100).map(({ name }) => name);
        await audit(asker, 'geofence.imported', null, { count: items.length, names });
        return { items: wire(items) };
      },
    }),
    route({
      method: 'get',
      path: '/geofences/:geofenceId',
      needs: 'cameras.view',
      summary: 'One geofence',
      params: idParams('geofenceId'),
      answer: contract.Geofence,
      handle: async ({ params: { geofenceId } }) => wire(found(await geofences.get(geofenceId), 'geofence')),
    }),
    route({
      method: 'patch',
      path: '/geofences/:geofenceId',
      needs: 'places.manage',
      summary: 'Change a geofence; who is inside stays so, and new rules hold from now',
      params: idParams('geofenceId'),
      body: contract.GeofenceChange,
      answer: contract.Geofence,
      async handle({ params: { geofenceId }, body: { rules, ...change }, ...asker }) {
        const before = found(await geofences.get(geofenceId), 'geofence');
        const next = rules === undefined ? {} : { rules: { ...before.rules, ...rules } };
        const fence = await geofences.update(geofenceId, { ...change, ...next });
        const fields = [...Object.keys(change), ...Object.keys(rules ?? {}).map((key) => `rules.${key}`)];
        await audit(asker, 'geofence.changed', geofenceId, { name: fence.name, fields });
        return wire(fence);
      },
    }),
    route({
      method: 'delete',
      path: '/geofences/:geofenceId',
      needs: 'places.manage',
      summary: 'Remove a geofence; its events stay',
      params: idParams('geofenceId'),
      async handle({ params: { geofenceId }, ...asker }) {
        const fence = found(await geofences.get(geofenceId), 'geofence');
        await geofences.remove(geofenceId);
        await audit(asker, 'geofence.removed', geofenceId, summary(fence));
      },
    }),
    route({
      method: 'get',
      path: '/geofences/:geofenceId/vehicles',
      needs: 'detections.view',
      summary: 'Vehicles that were last seen inside, the newest first, at most 1,000',
      params: idParams('geofenceId'),
      answer: listOf(contract.GeofenceVisit),
      handle: async ({ params: { geofenceId } }) => ({ items: wire(await geofences.visits(geofenceId)) }),
    }),
    route({
      method: 'get',
      path: '/geofence-events',
      needs: 'detections.view',
      summary: 'Who came, left and dwelt; newest first',
      query: contract.GeofenceEventQuery,
      answer: contract.GeofenceEventPage,
      async handle({ query, ...asker }) {
        const { geofenceId = null, event = null, plate, from, to, retracted, cursor = null, limit } = query;
        await searched(asker, 'geofence.searched', query, { geofenceId: query.geofenceId, event: query.event });
        const plateNumber = plate === undefined ? null : normalisePlate(plate);
        const span = { from: givenInstant(from), to: givenInstant(to) };
        return wire(await geofences.events({ geofenceId, event, plateNumber, ...span, retracted, cursor, limit }));
      },
    }),
  ];
}
