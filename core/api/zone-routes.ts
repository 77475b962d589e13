import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import { authorOf } from './camera-routes.ts';
import * as contract from './contract.ts';
import { idParams, listOf, route, type RouteSpec } from './route.ts';

const DAY_MS = 86_400_000;

/** Zones, checkpoints and maintenance windows. */
export function zoneRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { cameras } = hub;
  const audit = auditOf(hub);
  return [
    route({
      method: 'get',
      path: '/zones',
      needs: 'cameras.view',
      summary: 'All zones with their cameras',
      answer: listOf(contract.Zone),
      handle: async () => ({ items: wire(await cameras.zones()) }),
    }),
    route({
      method: 'post',
      path: '/zones',
      needs: 'cameras.manage',
      summary: 'Add a zone: a named group of cameras, with roles where vehicles come in and go out',
      body: contract.ZoneInput,
      answer: contract.Zone,
      status: 201,
      async handle({ body, ...asker }) {
        const zone = await cameras.createZone(body);
        await audit(asker, 'zone.created', zone.zoneId, { name: zone.name });
        return wire(zone);
      },
    }),
    route({
      method: 'patch',
      path: '/zones/:zoneId',
      needs: 'cameras.manage',
      summary: 'Change a zone',
      params: idParams('zoneId'),
      body: contract.ZoneChange,
      answer: contract.Zone,
      async handle({ params: { zoneId }, body, ...asker }) {
        const zone = await cameras.updateZone(zoneId, body);
        await audit(asker, 'zone.changed', zoneId, { fields: Object.keys(body) });
        return wire(zone);
      },
    }),
    route({
      method: 'delete',
      path: '/zones/:zoneId',
      needs: 'cameras.manage',
      summary: 'Remove a zone; its cameras stay',
      params: idParams('zoneId'),
      async handle({ params: { zoneId }, ...asker }) {
        await cameras.removeZone(zoneId);
        await audit(asker, 'zone.removed', zoneId);
      },
    }),
    route({
      method: 'get',
      path: '/checkpoints',
      needs: 'cameras.view',
      summary: 'All checkpoints',
      answer: listOf(contract.Checkpoint),
      handle: async () => ({ items: wire(await cameras.checkpoints()) }),
    }),
    route({
      method: 'post',
      path: '/checkpoints',
      needs: 'cameras.manage',
      summary: 'Add a checkpoint',
      body: contract.CheckpointInput,
      answer: contract.Checkpoint,
      status: 201,
      async handle({ body, ...asker }) {
        const checkpoint = await cameras.createCheckpoint(body);
        await audit(asker, 'checkpoint.created', checkpoint.checkpointId, { name: checkpoint.name });
        return wire(checkpoint);
      },
    }),
    route({
      method: 'patch',
      path: '/checkpoints/:checkpointId',
      needs: 'cameras.manage',
      summary: 'Rename or move a checkpoint, or order its cameras',
      params: idParams('checkpointId'),
      body: contract.CheckpointChange,
      answer: contract.Checkpoint,
      async handle({ params: { checkpointId }, body, ...asker }) {
        const checkpoint = await cameras.updateCheckpoint(checkpointId, body);
        await audit(asker, 'checkpoint.changed', checkpointId, { fields: Object.keys(body) });
        return wire(checkpoint);
      },
    }),
    route({
      method: 'delete',
      path: '/checkpoints/:checkpointId',
      needs: 'cameras.manage',
      summary: 'Remove a checkpoint at which no camera stands',
      params: idParams('checkpointId'),
      async handle({ params: { checkpointId }, ...asker }) {
        await cameras.removeCheckpoint(checkpointId);
        await audit(asker, 'checkpoint.removed', checkpointId);
      },
    }),
    route({
      method: 'get',
      path: '/maintenance',
      needs: 'cameras.view',
      summary: 'Maintenance windows that are open, to come, or ended in the last days; newest first',
      query: contract.MaintenanceQuery,
      answer: listOf(contract.MaintenanceWindow),
      async handle({ query: { days } }) {
        return { items: wire(await cameras.maintenance(new Date(Date.now() - days * DAY_MS))) };
      },
    }),
    route({
      method: 'post',
      path: '/maintenance',
      needs: 'cameras.manage',
      summary: 'Mute a camera or a zone for a time and mark its hours',
      body: contract.MaintenanceInput,
      answer: contract.MaintenanceWindow,
      status: 201,
      async handle({ body, ...asker }) {
        const { cameraId, zoneId, from, to, reason } = body;
        const span = { from: from === null ? new Date() : new Date(from), to: new Date(to) };
        const window = await cameras.addMaintenance({ cameraId, zoneId, reason, ...span }, authorOf(asker));
        await audit(asker, 'maintenance.created', cameraId ?? zoneId, { from: window.from, to: window.to });
        return wire(window);
      },
    }),
    route({
      method: 'delete',
      path: '/maintenance/:windowId',
      needs: 'cameras.manage',
      summary: 'End a maintenance now, or take back one that is to come',
      params: idParams('windowId'),
      async handle({ params: { windowId }, ...asker }) {
        await cameras.endMaintenance(windowId);
        await audit(asker, 'maintenance.ended', windowId);
      },
    }),
  ];
}
