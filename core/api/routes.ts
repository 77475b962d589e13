/** Every route of `/api/v1`. */
import { z } from 'zod';
import type { SignedIn } from '../access/access.ts';
import { LprError } from '../errors.ts';
import type { Hub } from '../hub.ts';
import { reference } from '../plates/plates.ts';
import { wire } from './answers.ts';
import * as contract from './contract.ts';
import { idParams, route, type RouteSpec } from './route.ts';
import { endedCookie, sessionCookie, tokenOf } from './session-cookie.ts';
import { dayStart } from './site-day.ts';
import { readPicture } from './upload.ts';

export interface RouteOptions {
  readonly hub: Hub;
  readonly version: string;
  /** Whether set-up asks for the printed code. */
  readonly codeRequired: boolean;
  /** Cookies only over TLS. */
  readonly isSecure: boolean;
}

const list = <T extends z.ZodType>(item: T): z.ZodObject<{ items: z.ZodArray<T> }> =>
  z.object({ items: z.array(item) });
const IMMUTABLE = 'private, max-age=31536000, immutable';

function userId(signedIn: SignedIn | null): string {
  if (signedIn === null) throw new LprError('unauthenticated', 'Sign in first.');
  return signedIn.user.userId;
}

function found<T>(thing: T | null, what: string): T {
  if (thing === null) throw new LprError('not_found', `There is no such ${what}.`);
  return thing;
}

export function createRoutes({ hub, version, codeRequired, isSecure }: RouteOptions): readonly RouteSpec[] {
  const { access, alerts, blacklists, cameras, detections, images, ingest, plugins, recognition } = hub;
  const audit = (
    call: { signedIn: SignedIn | null; address: string },
    action: string,
    subject: string | null,
    details: Record<string, unknown> = {},
  ): Promise<void> =>
    access.audit({ userId: call.signedIn?.user.userId ?? null, action, subject, details, address: call.address });
  const session = async ({ user, permissions }: SignedIn): Promise<unknown> =>
    wire({ user, permissions, site: await access.site(), version });

  const accessRoutes = [
    route({
      ...{
        method: 'get',
        path: '/setup',
        needs: 'public',
        summary: 'Whether the first administrator is still to be made',
      },
      answer: contract.SetupState,
      handle: async () => ({ needed: await access.setupNeeded(), codeRequired }),
    }),
    route({
      ...{ method: 'post', path: '/setup', needs: 'public', summary: 'Make the first administrator and sign in' },
      ...{ body: contract.SetupInput, answer: contract.Session, status: 201 },
      async handle({ body, address, res }) {
        await access.setUp(body);
        await access.updateSite({ language: body.language });
        const { token, signedIn, expiresAt } = await access.signIn(body.name, body.password, address);
        await audit({ signedIn, address }, 'setup.done', signedIn.user.userId);
        res.setHeader('Set-Cookie', sessionCookie(token, expiresAt, isSecure));
        return session(signedIn);
      },
    }),
    route({
      ...{ method: 'get', path: '/session', needs: 'session', summary: 'Who is signed in, and what they may do' },
      answer: contract.Session,
      handle: async ({ signedIn }) => session(found(signedIn, 'session')),
    }),
    route({
      ...{ method: 'post', path: '/session', needs: 'public', summary: 'Sign in' },
      ...{ body: contract.SignIn, answer: contract.Session, status: 201 },
      async handle({ body, address, res }) {
        try {
          const { token, signedIn, expiresAt } = await access.signIn(body.name, body.password, address);
          await audit({ signedIn, address }, 'session.started', null);
          res.setHeader('Set-Cookie', sessionCookie(token, expiresAt, isSecure));
          return await session(signedIn);
        } catch (error) {
          await audit({ signedIn: null, address }, 'session.failed', body.name);
          throw error;
        }
      },
    }),
    route({
      ...{ method: 'delete', path: '/session', needs: 'session', summary: 'Sign out' },
      async handle({ req, res, signedIn, address }) {
        await access.signOut(tokenOf(req.headers.cookie) ?? '');
        await audit({ signedIn, address }, 'session.ended', null);
        res.setHeader('Set-Cookie', endedCookie(isSecure));
      },
    }),
    route({
      ...{
        method: 'post',
        path: '/session/password',
        needs: 'session',
        summary: 'Change your own password; ends your sessions',
      },
      body: contract.PasswordChange,
      async handle({ body, signedIn, address, res }) {
        await access.changePassword(userId(signedIn), body.current, body.next);
        await audit({ signedIn, address }, 'password.changed', null);
        res.setHeader('Set-Cookie', endedCookie(isSecure));
      },
    }),
    route({
      ...{ method: 'get', path: '/users', needs: 'users.manage', summary: 'All users' },
      answer: list(contract.User),
      handle: async () => ({ items: wire(await access.users()) }),
    }),
    route({
      ...{ method: 'post', path: '/users', needs: 'users.manage', summary: 'Add a user' },
      ...{ body: contract.UserInput, answer: contract.User, status: 201 },
      async handle({ body, ...call }) {
        const user = await access.createUser(body);
        await audit(call, 'user.created', user.userId, { role: user.role });
        return wire(user);
      },
    }),
    route({
      ...{
        method: 'patch',
        path: '/users/:userId',
        needs: 'users.manage',
        summary: 'Change role or password, disable',
      },
      ...{ params: idParams('userId'), body: contract.UserChange, answer: contract.User },
      async handle({ params, body, ...call }) {
        const user = await access.updateUser(params.userId, body);
        await audit(call, 'user.changed', user.userId, {
          role: body.role,
          disabled: body.disabled,
          password: body.password !== undefined,
        });
        return wire(user);
      },
    }),
    route({
      ...{ method: 'get', path: '/site', needs: 'session', summary: 'Name, time zone, era and language of the site' },
      answer: contract.Site,
      handle: () => access.site(),
    }),
    route({
      ...{ method: 'patch', path: '/site', needs: 'site.manage', summary: 'Change the site' },
      ...{ body: contract.Site.partial(), answer: contract.Site },
      async handle({ body, ...call }) {
        const site = await access.updateSite(body);
        await audit(call, 'site.changed', null, body);
        return site;
      },
    }),
    route({
      ...{ method: 'get', path: '/audit', needs: 'audit.view', summary: 'What people did, newest first' },
      query: z.object({
        limit: z.coerce.number().int().min(1).max(200).default(50),
        before: z
          .string()
          .regex(/^\d{1,18}$/)
          .optional(),
      }),
      answer: list(contract.AuditEntry),
      handle: async ({ query }) => ({
        items: wire(await access.auditTrail({ limit: query.limit, before: query.before ?? null })),
      }),
    }),
  ];

  const frameRoutes = [
    route({
      ...{
        method: 'post',
        path: '/frames',
        needs: 'key',
        summary: "A frame from a device, with its camera's ingest key",
      },
      ...{ takesPicture: true, answer: contract.FrameAccepted, status: 201 },
      async handle({ req, res }) {
        const key = /^Bearer\s+(\S+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? '';
        const { cameraId } = await cameras.authenticate(key);
        const { capturedAt, ...picture } = await readPicture(req, res);
        const source = capturedAt === null ? 'received' : 'device';
        return ingest.accept({ ...picture, cameraId, capturedAt, capturedAtSource: source });
      },
    }),
    route({
      ...{ method: 'post', path: '/uploads', needs: 'frames.upload', summary: 'A picture from the console' },
      ...{ takesPicture: true, answer: contract.FrameAccepted, status: 201 },
      async handle({ req, res }) {
        const camera = (await cameras.list()).find((one) => one.builtIn === 'upload');
        const picture = await readPicture(req, res);
        const source = picture.capturedAt === null ? 'received' : 'file';
        return ingest.accept({
          ...picture,
          cameraId: found(camera ?? null, 'camera').cameraId,
          capturedAtSource: source,
        });
      },
    }),
    route({
      ...{ method: 'get', path: '/frames/:frameId', needs: 'detections.view', summary: 'What became of a frame' },
      ...{ params: idParams('frameId'), answer: contract.FrameStatus },
      handle: async ({ params }) => wire(found(await ingest.status(params.frameId), 'frame')),
    }),
    route({
      ...{ method: 'get', path: '/images/:imageId', needs: 'detections.view', summary: 'A picture' },
      params: idParams('imageId'),
      query: z.object({ size: z.enum(['thumbnail', 'display', 'original']).default('display') }),
      async handle({ params, query, res }) {
        const { path, mediaType } = await images.file(params.imageId, query.size);
        res.set({
          'Content-Type': mediaType,
          'Cache-Control': IMMUTABLE,
          ETag: `"${params.imageId}-${query.size}"`,
          'Content-Disposition': `inline; filename="${params.imageId.slice(0, 12)}.${mediaType.split('/')[1] ?? 'bin'}"`,
        });
        await new Promise<void>((resolve, reject) => {
          res.sendFile(
            path,
            { dotfiles: 'allow', cacheControl: false, lastModified: false, etag: false },
            (error?: Error) => {
              // A reader that goes away is no fault.
              if (error === undefined || res.headersSent) resolve();
              else reject(error);
            },
          );
        });
      },
    }),
  ];

  const detectionRoutes = [
    route({
      ...{ method: 'get', path: '/detections', needs: 'detections.view', summary: 'Detections, newest first' },
      ...{ query: contract.DetectionQuery, answer: contract.DetectionPage },
      async handle({ query }) {
        const { plate, issuingEntity, countryCode, cameraId, status, from, to, minConfidence, cursor, limit } = query;
        const page = await detections.search({
          plate: plate === undefined || plate === '' ? null : plate,
          issuingEntity: issuingEntity ?? null,
          countryCode: countryCode ?? null,
          cameraId: cameraId ?? null,
          status: status ?? null,
          from: from === undefined ? null : new Date(from),
          to: to === undefined ? null : new Date(to),
          minConfidence: minConfidence ?? null,
          cursor: cursor ?? null,
          limit,
        });
        return wire(page);
      },
    }),
    route({
      ...{
        method: 'get',
        path: '/detections/:detectionId',
        needs: 'detections.view',
        summary: 'A detection with all its reads',
      },
      ...{ params: idParams('detectionId'), answer: contract.Detection },
      handle: async ({ params }) => wire(found(await detections.get(params.detectionId), 'detection')),
    }),
    route({
      ...{
        method: 'post',
        path: '/detections/:detectionId/corrections',
        needs: 'detections.correct',
        summary: 'Correct a detection; the history stays',
      },
      ...{ params: idParams('detectionId'), body: contract.CorrectionInput, answer: contract.Detection, status: 201 },
      async handle({ params, body, ...call }) {
        const { kind } = body;
        const detection = await detections.correct(params.detectionId, body, userId(call.signedIn));
        await audit(call, 'detection.corrected', params.detectionId, { kind });
        return wire(detection);
      },
    }),
  ];

  const cameraRoutes = [
    route({
      ...{ method: 'get', path: '/cameras', needs: 'cameras.view', summary: 'All cameras with their health' },
      answer: list(contract.Camera),
      handle: async () => ({ items: wire(await cameras.list()) }),
    }),
    route({
      ...{ method: 'post', path: '/cameras', needs: 'cameras.manage', summary: 'Add a camera' },
      ...{ body: contract.CameraInput, answer: contract.Camera, status: 201 },
      async handle({ body, ...call }) {
        const camera = await cameras.create(body);
        await audit(call, 'camera.created', camera.cameraId, { name: camera.name, protocol: camera.protocol });
        return wire(camera);
      },
    }),
    route({
      ...{
        method: 'post',
        path: '/cameras/test',
        needs: 'cameras.manage',
        summary: 'Try a configuration without saving it',
      },
      ...{ body: contract.CameraTest, answer: contract.CameraTestResult },
      async handle({ body }) {
        const { preview, ...size } = await cameras.test(body);
        return { ...size, preview: preview === null ? null : `data:image/jpeg;base64,${preview.toString('base64')}` };
      },
    }),
    route({
      ...{ method: 'get', path: '/cameras/:cameraId', needs: 'cameras.view', summary: 'A camera' },
      ...{ params: idParams('cameraId'), answer: contract.Camera },
      handle: async ({ params }) => wire(found(await cameras.get(params.cameraId), 'camera')),
    }),
    route({
      ...{
        method: 'patch',
        path: '/cameras/:cameraId',
        needs: 'cameras.manage',
        summary: 'Change a camera; secrets left out stay',
      },
      ...{ params: idParams('cameraId'), body: contract.CameraInput.partial(), answer: contract.Camera },
      async handle({ params, body, ...call }) {
        const camera = await cameras.update(params.cameraId, body);
        await audit(call, 'camera.changed', camera.cameraId, { fields: Object.keys(body), enabled: body.enabled });
        return wire(camera);
      },
    }),
    route({
      ...{
        method: 'delete',
        path: '/cameras/:cameraId',
        needs: 'cameras.manage',
        summary: 'Remove a camera; its detections stay',
      },
      params: idParams('cameraId'),
      async handle({ params, ...call }) {
        await cameras.remove(params.cameraId);
        await audit(call, 'camera.removed', params.cameraId);
      },
    }),
    route({
      ...{ method: 'get', path: '/cameras/:cameraId/keys', needs: 'cameras.manage', summary: "A camera's ingest keys" },
      ...{ params: idParams('cameraId'), answer: list(contract.IngestKey) },
      handle: async ({ params }) => ({ items: wire(await cameras.keys(params.cameraId)) }),
    }),
    route({
      ...{
        method: 'post',
        path: '/cameras/:cameraId/keys',
        needs: 'cameras.manage',
        summary: 'Make an ingest key; it is shown once',
      },
      ...{ params: idParams('cameraId'), body: contract.IngestKeyInput, answer: contract.NewIngestKey, status: 201 },
      async handle({ params, body, ...call }) {
        const key = await cameras.createKey(params.cameraId, body.label);
        await audit(call, 'ingest_key.created', params.cameraId, { prefix: key.prefix });
        return wire(key);
      },
    }),
    route({
      ...{
        method: 'delete',
        path: '/cameras/:cameraId/keys/:keyId',
        needs: 'cameras.manage',
        summary: 'Revoke an ingest key',
      },
      params: z.object({ cameraId: z.string().max(100), keyId: z.string().max(100) }),
      async handle({ params, ...call }) {
        await cameras.revokeKey(params.cameraId, params.keyId);
        await audit(call, 'ingest_key.revoked', params.cameraId, { keyId: params.keyId });
      },
    }),
    route({
      ...{ method: 'get', path: '/checkpoints', needs: 'cameras.view', summary: 'All checkpoints' },
      answer: list(contract.Checkpoint),
      handle: async () => ({ items: wire(await cameras.checkpoints()) }),
    }),
    route({
      ...{ method: 'post', path: '/checkpoints', needs: 'cameras.manage', summary: 'Add a checkpoint' },
      ...{ body: contract.CheckpointInput, answer: contract.Checkpoint, status: 201 },
      handle: async ({ body }) => wire(await cameras.createCheckpoint(body)),
    }),
  ];

  const listRoutes = [
    route({
      ...{ method: 'get', path: '/blacklists', needs: 'blacklists.view', summary: 'All blacklists' },
      answer: list(contract.Blacklist),
      handle: async () => ({ items: wire(await blacklists.list()) }),
    }),
    route({
      ...{ method: 'post', path: '/blacklists', needs: 'blacklists.manage', summary: 'Add a blacklist' },
      ...{ body: contract.BlacklistInput, answer: contract.Blacklist, status: 201 },
      async handle({ body, ...call }) {
        const blacklist = await blacklists.create(body);
        await audit(call, 'blacklist.created', blacklist.blacklistId, { name: blacklist.name });
        return wire(blacklist);
      },
    }),
    route({
      ...{
        method: 'delete',
        path: '/blacklists/:blacklistId',
        needs: 'blacklists.manage',
        summary: 'Remove a blacklist with its entries',
      },
      params: idParams('blacklistId'),
      async handle({ params, ...call }) {
        await blacklists.remove(params.blacklistId);
        await audit(call, 'blacklist.removed', params.blacklistId);
      },
    }),
    route({
      ...{
        method: 'get',
        path: '/blacklists/:blacklistId/entries',
        needs: 'blacklists.view',
        summary: 'The entries of a blacklist',
      },
      ...{ params: idParams('blacklistId'), answer: list(contract.BlacklistEntry) },
      async handle({ params, ...call }) {
        const items = wire(await blacklists.entries(params.blacklistId));
        await audit(call, 'blacklist.viewed', params.blacklistId);
        return { items };
      },
    }),
    route({
      ...{
        method: 'post',
        path: '/blacklists/:blacklistId/entries',
        needs: 'blacklists.manage',
        summary: 'Add an entry',
      },
      ...{
        params: idParams('blacklistId'),
        body: contract.BlacklistEntryInput,
        answer: contract.BlacklistEntry,
        status: 201,
      },
      async handle({ params, body, ...call }) {
        const instant = (text: string | null): Date | null => (text === null ? null : new Date(text));
        const { plateNumber, issuingEntity, countryCode, reason } = body;
        const dates = { validFrom: instant(body.validFrom), validTo: instant(body.validTo) };
        const input = { plateNumber, issuingEntity, countryCode, reason, ...dates };
        const entry = await blacklists.addEntry(params.blacklistId, input, userId(call.signedIn));
        await audit(call, 'blacklist_entry.created', entry.entryId, { blacklistId: params.blacklistId });
        return wire(entry);
      },
    }),
    route({
      ...{
        method: 'delete',
        path: '/blacklists/:blacklistId/entries/:entryId',
        needs: 'blacklists.manage',
        summary: 'Remove an entry',
      },
      params: z.object({ blacklistId: z.string().max(100), entryId: z.string().max(100) }),
      async handle({ params, ...call }) {
        await blacklists.removeEntry(params.blacklistId, params.entryId);
        await audit(call, 'blacklist_entry.removed', params.entryId, { blacklistId: params.blacklistId });
      },
    }),
    route({
      ...{ method: 'get', path: '/alerts', needs: 'alerts.view', summary: 'Alerts, newest first' },
      query: z.object({
        open: z.stringbool().optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
      answer: list(contract.Alert),
      handle: async ({ query }) => ({
        items: wire(await alerts.list({ open: query.open ?? null, limit: query.limit })),
      }),
    }),
    route({
      ...{
        method: 'post',
        path: '/alerts/:alertId/acknowledge',
        needs: 'alerts.acknowledge',
        summary: 'Acknowledge an alert',
      },
      ...{ params: idParams('alertId'), answer: contract.Alert },
      async handle({ params, ...call }) {
        const alert = await alerts.acknowledge(params.alertId, userId(call.signedIn));
        await audit(call, 'alert.acknowledged', params.alertId);
        return wire(alert);
      },
    }),
    route({
      ...{
        method: 'get',
        path: '/alert-channels',
        needs: 'cameras.manage',
        summary: 'Channels that carry alerts to people',
      },
      answer: list(contract.AlertChannel),
      handle: async () => ({ items: await alerts.channels() }),
    }),
    route({
      ...{ method: 'post', path: '/alert-channels', needs: 'site.manage', summary: 'Add a channel' },
      ...{ body: contract.AlertChannelInput, answer: contract.AlertChannel, status: 201 },
      async handle({ body, ...call }) {
        const channel = await alerts.createChannel(body);
        await audit(call, 'alert_channel.created', channel.channelId, { plugin: channel.plugin });
        return channel;
      },
    }),
    route({
      ...{ method: 'delete', path: '/alert-channels/:channelId', needs: 'site.manage', summary: 'Remove a channel' },
      params: idParams('channelId'),
      async handle({ params, ...call }) {
        await alerts.removeChannel(params.channelId);
        await audit(call, 'alert_channel.removed', params.channelId);
      },
    }),
    route({
      ...{
        method: 'post',
        path: '/alert-channels/:channelId/test',
        needs: 'site.manage',
        summary: 'Send a test notice',
      },
      params: idParams('channelId'),
      handle: ({ params }) => alerts.testChannel(params.channelId),
    }),
  ];

  const hubRoutes = [
    route({
      ...{ method: 'get', path: '/reference', needs: 'session', summary: 'Provinces, countries and plate classes' },
      answer: contract.Reference,
      handle: () => Promise.resolve(reference()),
    }),
    route({
      ...{ method: 'get', path: '/engines', needs: 'cameras.view', summary: 'Recognition engines' },
      answer: list(contract.EngineInfo),
      handle: async () => ({ items: await recognition.engines() }),
    }),
    route({
      ...{ method: 'get', path: '/plugins', needs: 'cameras.view', summary: 'Plugins of a kind, with their forms' },
      query: z.object({ kind: z.enum(['ocrEngine', 'cameraProtocol', 'alertChannel']) }),
      answer: list(contract.PluginInfo),
      handle: ({ query }) => Promise.resolve({ items: plugins.list(query.kind) }),
    }),
    route({
      ...{ method: 'get', path: '/status', needs: 'detections.view', summary: 'What is going on' },
      answer: contract.HubStatus,
      async handle() {
        const since = dayStart((await access.site()).timeZone, new Date());
        const [detectionsToday, counts, all, openAlerts, freeBytes] = await Promise.all([
          detections.countSince(since),
          ingest.counts(),
          cameras.list(),
          alerts.countOpen(),
          images.freeBytes(),
        ]);
        const enabled = all.filter((camera) => camera.enabled);
        return {
          detectionsToday,
          framesQueued: counts.queued,
          framesRunning: counts.running,
          framesDead: counts.dead,
          cameras: {
            online: enabled.filter((camera) => camera.health.state === 'online').length,
            total: enabled.length,
          },
          openAlerts,
          freeBytes,
          pluginFailures: [...plugins.failures],
        };
      },
    }),
  ];

  return [...accessRoutes, ...frameRoutes, ...detectionRoutes, ...cameraRoutes, ...listRoutes, ...hubRoutes];
}
