import { wire } from './answers.ts';
import type { RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { listOf, route, type RouteSpec } from './route.ts';

/** The hierarchy of places, where cameras stand, distances and travel times. */
export function placeRoutes({ hub: { places, geofences } }: RouteOptions): RouteSpec[] {
  return [
    route({
      method: 'get',
      path: '/places',
      needs: 'cameras.view',
      summary: 'The parts of a place; without one the countries, and checkpoints without a place',
      query: contract.PlaceQuery,
      answer: listOf(contract.Place),
      handle: ({ query: { parentId = null } }) => Promise.resolve({ items: wire(places.children(parentId)) }),
    }),
    route({
      method: 'get',
      path: '/places/search',
      needs: 'cameras.view',
      summary: 'Places by a part of their Thai or English name',
      query: contract.PlaceSearchQuery,
      answer: listOf(contract.Place),
      handle: ({ query: { name, level = null, limit } }) =>
        Promise.resolve({ items: wire(places.search(name, level, limit)) }),
    }),
    route({
      method: 'get',
      path: '/places/at',
      needs: 'cameras.view',
      summary: 'Country, province and district of a point, and the geofences there',
      query: contract.PlaceAtQuery,
      answer: contract.PlaceAnswer,
      handle({ query: { latitude, longitude } }) {
        const position = [longitude, latitude] as const;
        return Promise.resolve({ path: wire(places.at(position)), geofenceIds: [...geofences.at(position)] });
      },
    }),
    route({
      method: 'get',
      path: '/places/cameras',
      needs: 'cameras.view',
      summary: 'Where each camera stands, and in which geofences',
      answer: listOf(contract.CameraPlace),
      handle: () => Promise.resolve({ items: wire(places.cameras()) }),
    }),
    route({
      method: 'get',
      path: '/places/travel-times',
      needs: 'cameras.view',
      summary: 'Distance and learned travel time between cameras',
      query: contract.TravelTimeQuery,
      answer: listOf(contract.TravelTime),
      handle: async ({ query: { from = null, to = null } }) => ({
        items: wire(await places.travelTimes({ from, to })),
      }),
    }),
  ];
}
