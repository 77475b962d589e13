import { z } from 'zod';
import { LprError } from '../errors.ts';
import type { Device } from '../devices/devices.ts';
import type { Decoded, WireMessage, WireReply } from '../plugins/define.ts';
import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { found, idParams, listOf, route, type RouteSpec } from './route.ts';

const MOST_TEXT = 64 * 1024;

const deviceAnswer = (device: Device): contract.Device =>
  wire({ ...device, config: device.config as contract.Device['config'] });

/** The beginning of bytes that are text; null for pictures and the like. */
function readable(bytes: Uint8Array): string | null {
  if (bytes.length === 0) return null;
  const start = Buffer.from(bytes.subarray(0, MOST_TEXT)).toString('utf8');
  const strange = Array.from(start.slice(0, 2_000)).filter((char) => /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(char));
  return strange.length > 20 ? null : start;
}

/** Pictures as their size: nobody reads base64. */
const withoutPictures = (value: unknown): unknown => {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no time that can be' : value.toISOString();
  if (value instanceof Uint8Array) return `(${value.length} bytes)`;
  if (Array.isArray(value)) return value.map(withoutPictures);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutPictures(part)]));
};

const trialAnswer = ({ decoded, reply }: { readonly decoded: Decoded; readonly reply: WireReply }) => ({
  deviceRef: decoded.deviceRef,
  events: decoded.events.map((event) => withoutPictures(event) as Record<string, unknown>),
  health: withoutPictures(decoded.health) as Record<string, unknown> | null,
  reply: { status: reply.status ?? 200, body: reply.body ?? '' },
});

const argsText = (args: readonly unknown[]): string | null =>
  args.length === 0 ? null : JSON.stringify(args.map(withoutPictures), null, 2).slice(0, MOST_TEXT);

/** Pages go back in time. @throws cursor_invalid */
function timeOf(cursor: string | undefined): Date | null {
  if (cursor === undefined) return null;
  const time = new Date(Number(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!Number.isNaN(time.getTime())) return time;
  throw new LprError('cursor_invalid', 'The cursor is not one that a page gave: begin with the first page.');
}
const cursorAfter = (items: readonly { readonly receivedAt: Date }[], limit: number): string | null => {
  const last = items.length < limit ? undefined : items.at(-1);
  return last === undefined ? null : Buffer.from(String(last.receivedAt.getTime())).toString('base64url');
};
const page = { cursor: z.string().max(200).optional(), limit: z.coerce.number().int().min(1).max(200).default(50) };

export function deviceRoutes({ hub, doors }: RouteOptions): RouteSpec[] {
  const { devices, ingest } = hub;
  const audit = auditOf(hub);
  return [
    route({
      method: 'get',
      path: '/devices',
      needs: 'cameras.view',
      summary: 'Devices that send what they read by themselves, those that wait for approval first',
      answer: listOf(contract.Device),
      async handle() {
        const order = { waiting: 0, approved: 1, blocked: 2 };
        const all = [...(await devices.list())].sort(
          (a, b) => order[a.state] - order[b.state] || a.name.localeCompare(b.name),
        );
        return { items: all.map(deviceAnswer) };
      },
    }),
    route({
      method: 'post',
      path: '/devices',
      needs: 'cameras.manage',
      summary: 'Make a device with a token before it ever sent; the token is shown this once',
      body: contract.DeviceInput,
      answer: contract.NewDevice,
      status: 201,
      async handle({ body, ...asker }) {
        const device = await devices.create(body);
        const { token } = await devices.makeToken(device.deviceId);
        await audit(asker, 'device.created', device.deviceId, { name: device.name, format: device.format });
        return { ...deviceAnswer(device), token };
      },
    }),
    route({
      method: 'post',
      path: '/devices/try',
      needs: 'cameras.manage',
      summary: 'What a message would become with these settings; nothing is stored',
      body: contract.DeviceTrial,
      answer: contract.DeviceTrialResult,
      async handle({ body: { format, config, timeZone, body, contentType, method, path, transport } }) {
        const message: WireMessage = {
          ...{ transport, address: '127.0.0.1', receivedAt: new Date(), method, path, query: {}, namespace: '' },
          ...{
            headers: { 'content-type': contentType },
            body: Buffer.from(body),
            parts: [],
            args: [body],
            isRetained: false,
          },
        };
        return trialAnswer(await devices.tryOut({ format, config, timeZone, message }));
      },
    }),
    route({
      method: 'get',
      path: '/devices/doors',
      needs: 'cameras.view',
      summary: 'Where devices of each format send to',
      answer: contract.DeviceDoors,
      handle() {
        const broker = doors()?.broker ?? null;
        return Promise.resolve({
          broker:
            broker === null ? null : { isOwn: broker.kind === 'embedded', port: 'port' in broker ? broker.port : null },
          formats: hub.plugins
            .all('deviceFormat')
            .map(({ id, transports, paths = [], topics = [], socketio = [] }) =>
              wire({ format: id, transports, paths, topics, socketio }),
            ),
        });
      },
    }),
    route({
      method: 'get',
      path: '/devices/:deviceId',
      needs: 'cameras.view',
      summary: 'A device',
      params: idParams('deviceId'),
      answer: contract.Device,
      handle: async ({ params }) => deviceAnswer(found(await devices.get(params.deviceId), 'device')),
    }),
    route({
      method: 'patch',
      path: '/devices/:deviceId',
      needs: 'cameras.manage',
      summary: 'Change a device; secrets that are left out stay',
      params: idParams('deviceId'),
      body: contract.DeviceChange,
      answer: contract.Device,
      async handle({ params, body, ...asker }) {
        const { name, ref, config, timeZone } = body;
        const change = {
          ...(name === undefined ? {} : { name }),
          ...(ref === undefined ? {} : { ref }),
          ...(config === undefined ? {} : { config }),
          ...(timeZone === undefined ? {} : { timeZone }),
        };
        const device = await devices.update(params.deviceId, change);
        await audit(asker, 'device.changed', device.deviceId, { fields: Object.keys(body) });
        return deviceAnswer(device);
      },
    }),
    route({
      method: 'post',
      path: '/devices/:deviceId/approve',
      needs: 'cameras.manage',
      summary: 'Let a device in; what was kept of it is taken',
      params: idParams('deviceId'),
      body: contract.DeviceApproval,
      answer: contract.Device,
      async handle({ params, body, ...asker }) {
        const device = await devices.approve(params.deviceId, body);
        await audit(asker, 'device.approved', device.deviceId, { name: device.name, format: device.format });
        return deviceAnswer(device);
      },
    }),
    route({
      method: 'post',
      path: '/devices/:deviceId/block',
      needs: 'cameras.manage',
      summary: 'Refuse a device from now on; what was kept of it is dropped',
      params: idParams('deviceId'),
      answer: contract.Device,
      async handle({ params, ...asker }) {
        const device = await devices.block(params.deviceId);
        await audit(asker, 'device.blocked', device.deviceId, { name: device.name });
        return deviceAnswer(device);
      },
    }),
    route({
      method: 'delete',
      path: '/devices/:deviceId',
      needs: 'cameras.manage',
      summary: 'Forget a device; its cameras and detections stay',
      params: idParams('deviceId'),
      async handle({ params, ...asker }) {
        await devices.remove(params.deviceId);
        await audit(asker, 'device.removed', params.deviceId);
      },
    }),
    route({
      method: 'post',
      path: '/devices/:deviceId/token',
      needs: 'cameras.manage',
      summary: 'Make a new token, shown this once; the older one ends',
      params: idParams('deviceId'),
      answer: contract.DeviceToken,
      status: 201,
      async handle({ params, ...asker }) {
        const { token } = await devices.makeToken(params.deviceId);
        await audit(asker, 'device.token_made', params.deviceId);
        return { token };
      },
    }),
    route({
      method: 'delete',
      path: '/devices/:deviceId/token',
      needs: 'cameras.manage',
      summary: 'End the token: the device is then known by its id and address',
      params: idParams('deviceId'),
      async handle({ params, ...asker }) {
        await devices.removeToken(params.deviceId);
        await audit(asker, 'device.token_removed', params.deviceId);
      },
    }),
    route({
      method: 'get',
      path: '/held',
      needs: 'cameras.view',
      summary: 'Messages kept as they came: of waiting devices, and those that could not be decoded; newest first',
      query: z.object({ reason: z.enum(['waiting', 'quarantine']).optional(), deviceId: z.uuid().optional(), ...page }),
      answer: contract.HeldPage,
      async handle({ query: { reason = null, deviceId = null, cursor, limit } }) {
        const items = await devices.held({ reason, deviceId, before: timeOf(cursor), limit });
        return { items: items.map((one) => wire(one)), nextCursor: cursorAfter(items, limit) };
      },
    }),
    route({
      method: 'get',
      path: '/held/:heldId',
      // It may hold plates.
      needs: 'cameras.manage',
      summary: 'A kept message as it came: text shortened, pictures named',
      params: idParams('heldId'),
      answer: contract.HeldContent,
      async handle({ params, ...asker }) {
        const { held, message } = await devices.heldContent(params.heldId);
        await audit(asker, 'held.viewed', params.heldId, { deviceId: held.deviceId });
        return {
          held: wire(held),
          ...{ method: message.method, address: message.address, headers: { ...message.headers } },
          text: readable(message.body) ?? argsText(message.args),
          parts: message.parts.map(({ bytes, name, fileName, mediaType }) => ({
            ...{ name, fileName, mediaType, bytes: bytes.length },
            text: readable(bytes),
          })),
        };
      },
    }),
    route({
      method: 'post',
      path: '/held/:heldId/try',
      needs: 'cameras.manage',
      summary: 'What a kept message would become now, or with other settings; nothing is stored',
      params: idParams('heldId'),
      body: contract.HeldTrial,
      answer: contract.DeviceTrialResult,
      async handle({ params, body, ...asker }) {
        const { held, message } = await devices.heldContent(params.heldId);
        await audit(asker, 'held.viewed', params.heldId, { deviceId: held.deviceId });
        const device = await devices.get(held.deviceId);
        const config = body.config ?? device?.config ?? {};
        const timeZone = body.timeZone === undefined ? (device?.timeZone ?? null) : body.timeZone;
        return trialAnswer(await devices.tryOut({ format: held.format, config, timeZone, message }));
      },
    }),
    route({
      method: 'post',
      path: '/held/replay',
      needs: 'cameras.manage',
      summary: 'Decode kept messages anew, some or all; what succeeds is stored',
      body: contract.Selection,
      answer: contract.ReplayResult,
      async handle({ body: { ids }, ...asker }) {
        const result = await devices.replay(ids);
        await audit(asker, 'held.replayed', null, result);
        return result;
      },
    }),
    route({
      method: 'post',
      path: '/held/discard',
      needs: 'cameras.manage',
      summary: 'Drop kept messages for ever',
      body: z.object({ ids: z.array(z.uuid()).min(1).max(500) }),
      answer: z.object({ discarded: z.int() }),
      async handle({ body: { ids }, ...asker }) {
        const discarded = await devices.discard(ids);
        await audit(asker, 'held.discarded', null, { discarded });
        return { discarded };
      },
    }),
    route({
      method: 'get',
      path: '/dead-letters',
      needs: 'cameras.view',
      summary: 'Frames that the flow could not finish, newest first',
      query: z.object(page),
      answer: contract.FramePage,
      async handle({ query: { cursor, limit } }) {
        const items = await ingest.dead(timeOf(cursor), limit);
        return { items: items.map((one) => wire(one)), nextCursor: cursorAfter(items, limit) };
      },
    }),
    route({
      method: 'post',
      path: '/dead-letters/replay',
      needs: 'cameras.manage',
      summary: 'Give frames to the flow again, some or all',
      body: contract.Selection,
      answer: z.object({ replayed: z.int() }),
      async handle({ body: { ids }, ...asker }) {
        const replayed = await ingest.replay(ids);
        await audit(asker, 'dead_letters.replayed', null, { replayed });
        return { replayed };
      },
    }),
  ];
}
