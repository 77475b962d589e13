/** Composes the hub: settings → database → plugins → hub → HTTP → Node-RED. Stops in reverse order. */
import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Settings } from '../settings.ts';
import { loadSpecs, BUILT_FOLDER } from '../nodes/kit/load-specs.ts';
import { createAccess, type Role } from './access/access.ts';
import { createAlerts } from './alerts/create-alerts.ts';
import { createTemplates } from './alerts/create-templates.ts';
import { createAcknowledgements } from './alerts/create-acknowledgements.ts';
import { createEscalations } from './alerts/create-escalations.ts';
import { createPeople } from './alerts/create-people.ts';
import { createPush } from './alerts/push.ts';
import { createFollowUp } from './alerts/follow-up.ts';
import { createApi, dayStart, instantOf, startLive, tokenOf } from './api/api.ts';
import { createBlacklistImports } from './blacklists/create-blacklist-imports.ts';
import { createBlacklists } from './blacklists/create-blacklists.ts';
import { writeEndings } from './blacklists/endings.ts';
import { createCalendars } from './calendars/create-calendars.ts';
import { createCameraHttp } from './cameras/camera-http.ts';
import { createCameras } from './cameras/create-cameras.ts';
import { createConnectors } from './connectors/create-connectors.ts';
import { openDatabase, type Connection, type Database } from './db/database.ts';
import { createJobs } from './db/jobs.ts';
import { createNews } from './db/news.ts';
import { keepPostgres, type KeptPostgres } from './db/kept-postgres.ts';
import { migrate } from './db/migrate.ts';
import { createAccessStore } from './db/stores/access-store.ts';
import { createDeliveryStore } from './db/stores/alert-delivery-store.ts';
import { createRuleStore } from './db/stores/alert-rule-store.ts';
import { createAcknowledgementStore } from './db/stores/acknowledgement-store.ts';
import { createAlertStore } from './db/stores/alert-store.ts';
import { createAuditChainStore } from './db/stores/audit-chain-store.ts';
import { createBlacklistImportStore } from './db/stores/blacklist-import-store.ts';
import { createBlacklistStore } from './db/stores/blacklist-store.ts';
import { createCalendarStore } from './db/stores/calendar-store.ts';
import { createHealthStore } from './db/stores/camera-health-store.ts';
import { createCameraStore } from './db/stores/camera-store.ts';
import { createConnectorStore } from './db/stores/connector-store.ts';
import { createDeviceStore } from './db/stores/device-store.ts';
import { createDetectionChanges } from './db/stores/detection-changes.ts';
import { createDetectionStore } from './db/stores/detection-store.ts';
import { detectionsForAlerts } from './db/stores/detections-for-alerts.ts';
import { createEngineSettingsStore } from './db/stores/engine-settings-store.ts';
import { createEscalationStore } from './db/stores/escalation-store.ts';
import { createImageRecords } from './db/stores/image-store.ts';
import { createMaintenanceStore } from './db/stores/maintenance-store.ts';
import { createTemplateStore } from './db/stores/template-store.ts';
import { createZoneStore } from './db/stores/zone-store.ts';
import { createGeofenceStore } from './db/stores/geofence-store.ts';
import { createIngestStore } from './db/stores/ingest-store.ts';
import { createPeopleStore } from './db/stores/people-store.ts';
import { createPushStore } from './db/stores/push-store.ts';
import { createRetentionStore } from './db/stores/retention-store.ts';
import { createTravelStore } from './db/stores/travel-store.ts';
import { createDevices } from './devices/create-devices.ts';
import { createDetections } from './detections/create-detections.ts';
import { assertPortsFree, openDoors, openThreshold, type Doors } from './doors/doors.ts';
import { errorMessage, LprError } from './errors.ts';
import { createEvents } from './events.ts';
import { lockFolder } from './folder-lock.ts';
import { createHealth } from './health.ts';
import { openHttp } from './http-front.ts';
import type { Hub } from './hub.ts';
import { createImageStore } from './images/create-image-store.ts';
import { createRetention } from './images/create-retention.ts';
import { createSharedPictures } from './images/shared-pictures.ts';
import { createS3Store } from './images/s3-store.ts';
import { createIngest } from './ingest/create-ingest.ts';
import { startNodeRed, type EmbeddedNodeRed } from './node-red/node-red.ts';
import { createGeofences } from './places/create-geofences.ts';
import { createPlaces } from './places/create-places.ts';
import { siteOf } from './places/site.ts';
import type { Log } from './plugins/define.ts';
import { loadPlugins } from './plugins/plugins.ts';
import { createComputePool } from './recognition/compute-pool.ts';
import { createEngineSettings, createRecognition } from './recognition/recognition.ts';
import { createSecretBox } from './secrets.ts';
import { renderScene } from './simulator/simulator.ts';

const ROOT = resolve(import.meta.dirname, '..');
const CODE_LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';

export interface RunningHub {
  readonly hub: Hub;
  readonly port: number;
  /** Where people open the console. */
  readonly url: string;
  readonly dataDir: string;
  /** What the set-up page asks for; null when it asks for nothing or set-up is done. */
  readonly setupCode: string | null;
  readonly setupNeeded: boolean;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly log: Log;
  /** Told what is going on while it starts. */
  readonly onStep?: (step: string) => void;
  /** Gives the start up between two steps; what has started is stopped. */
  readonly signal?: AbortSignal;
}

const makeCode = (): string =>
  Array.from(
    { length: 12 },
    (_, i) => (i % 4 === 0 && i > 0 ? '-' : '') + CODE_LETTERS.charAt(randomInt(CODE_LETTERS.length)),
  ).join('');

async function openDatabaseOf(
  settings: Settings,
  log: Log,
  undo: (step: () => Promise<void>) => void,
): Promise<Database> {
  let connection: Connection;
  let own: KeptPostgres | null = null;
  if (settings.databaseUrl === null) {
    const postgres = await keepPostgres(join(settings.dataDir, 'postgres'), log);
    undo(() => postgres.stop());
    [own, connection] = [postgres, postgres.connection];
  } else {
    connection = { url: settings.databaseUrl };
  }
  const database = openDatabase(connection, (error) => {
    log.warn({ err: error.message }, 'a database connection broke; the pool makes a new one');
  });
  undo(() => database.close());
  await database.ping();
  return {
    ...database,
    async ping() {
      const problem = own?.problem() ?? null;
      if (problem !== null) throw new LprError('database_unavailable', problem);
      await database.ping();
    },
  };
}

/** @throws settings faults, port_in_use, database_unavailable, conflict: each says what to do; nothing is left running */
export async function startHub(
  settings: Settings,
  { log, onStep: tell = () => undefined, signal }: StartOptions,
): Promise<RunningHub> {
  const onStep = (step: string): void => {
    signal?.throwIfAborted();
    tell(step);
  };
  const undoing: (() => Promise<void> | void)[] = [];
  const undo = (step: () => Promise<void> | void): void => void undoing.push(step);
  const stopAll = async (): Promise<void> => {
    for (let step = undoing.pop(); step !== undefined; step = undoing.pop()) {
      try {
        await step();
      } catch (error) {
        log.error({ err: errorMessage(error) }, 'a part did not stop cleanly');
      }
    }
  };
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => (stopping ??= stopAll());
  try {
    const { dataDir } = settings;
    undo(lockFolder(dataDir));
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };

    // The ports first: they are the likeliest thing to be wrong, and nothing else has started yet.
    const front = await openHttp(settings, log);
    undo(() => front.close());
    await assertPortsFree(settings);
    const { server, port } = front;

    onStep(settings.databaseUrl === null ? 'starting the embedded database' : 'connecting to the database');
    const database = await openDatabaseOf(settings, log, undo);
    await migrate(database, join(ROOT, 'migrations'), (name) => {
      tell(`migrated ${name.replace(/\.ts$/, '')}`);
    });

    const secrets = createSecretBox(join(dataDir, 'secrets'));
    const events = createEvents((error) => {
      log.error({ err: errorMessage(error) }, 'a listener of an event failed');
    });
    const news = createNews(database, log);
    const jobs = createJobs(database, log);
    const plugins = await loadPlugins(join(ROOT, 'plugins'));
    for (const { folder, message } of plugins.failures)
      log.error({ folder, err: message }, 'a plugin could not be loaded');

    const accessStore = createAccessStore(database);
    const setupNeeded = (await accessStore.countUsers()) === 0;
    const setupCode = setupNeeded && settings.isOpen ? makeCode() : null;
    const auditChain = createAuditChainStore(database);
    const access = createAccess({
      store: accessStore,
      chain: auditChain,
      setupCode,
      onSiteChange: () => news.tell('site'),
    });
    const siteZone = async (): Promise<string> => (await access.site()).timeZone;
    const calendars = createCalendars({
      store: createCalendarStore(database),
      ...{ news, log },
      siteZone,
    });
    const people = createPeople({ store: createPeopleStore(database), calendars });
    const images = createImageStore({
      dir: join(dataDir, 'images'),
      records: createImageRecords(database),
      ...(settings.s3 === null ? {} : { bytes: await createS3Store(settings.s3) }),
    });

    const retention = createRetention({ store: createRetentionStore(database), images, log });

    const compute = createComputePool({ size: settings.workers, log });
    undo(() => compute.close());
    const engineSettings = createEngineSettings(createEngineSettingsStore(database), secrets);
    const recognition = createRecognition({ plugins, compute, images, log, settings: engineSettings });
    undo(() => recognition.close());

    const cameras = createCameras({
      store: createCameraStore(database),
      healthStore: createHealthStore(database),
      zoneStore: createZoneStore(database),
      maintenanceStore: createMaintenanceStore(database),
      reach: {
        publicUrl: settings.publicUrl,
        mqttPort: settings.mqtt !== null && 'port' in settings.mqtt ? settings.mqtt.port : null,
      },
      ...{ plugins, secrets, events, log, dataDir },
      accept: (input) => ingest.accept(input),
      acceptEvent: (input) => ingest.acceptEvent(input),
      siteZone,
      renderScene: (seed, vehicle) => renderScene({ seed, ...(vehicle === undefined ? {} : { vehicle }) }),
      dayStart: async () => dayStart(await siteZone(), new Date()),
      instantOf: async (wall) => instantOf(await siteZone(), wall),
    });
    const ingest = createIngest({
      store: createIngestStore(database),
      ...{ images, events, log },
      cameraState: (cameraId) => cameras.stateForIngest(cameraId),
      frameArrived: (...arrival) => {
        cameras.frameArrived(...arrival);
      },
      pullPicture: (deviceId, pull) => devices.pullPicture(deviceId, pull),
    });
    const pulling = new AbortController();
    undo(() => {
      pulling.abort();
    });
    const http = createCameraHttp(pulling.signal);
    const devices = createDevices({
      store: createDeviceStore(database),
      ...{ plugins, secrets, events, log, cameras, ingest },
      siteZone,
      fetchBytes: (...request) => http.fetchBytes(...request),
    });
    const detectionStore = createDetectionStore(database);
    const detections = createDetections({ store: detectionStore, events, log });
    const blacklists = createBlacklists({ store: createBlacklistStore(database), news, log });
    const auditByItself = (
      action: string,
      subject: string | null,
      details: Readonly<Record<string, unknown>>,
    ): Promise<void> => access.audit({ userId: null, action, subject, details, address: '' });
    jobs.every('blacklists.endings', '7 1 * * *', () => writeEndings(blacklists, auditByItself));
    const geofences = createGeofences({
      store: createGeofenceStore(database),
      ...{ calendars, news, events, log },
      site: () => siteOf(cameras),
      detection: (detectionId) => detections.get(detectionId),
    });
    calendars.addUser((calendarId) => Promise.resolve(geofences.usesOf(calendarId)));
    jobs.every('geofences.prune', '17 3 * * *', () => geofences.prune());
    const places = createPlaces({
      store: createTravelStore(database),
      site: () => geofences.site(),
      geofencesOf: (cameraId) => geofences.ofCamera(cameraId),
    });
    jobs.every('places.learn', '*/5 * * * *', (signal) => places.learn(signal));
    const blacklistImports = createBlacklistImports({
      store: createBlacklistImportStore(database),
      ...{ plugins, secrets, jobs, log, dataDir },
      siteZone,
      audit: auditByItself,
    });
    const { publicUrl } = settings;
    const sharedPictures = createSharedPictures({ images, secrets, publicUrl });
    const push = createPush({
      ...{ store: createPushStore(database), secrets },
      maySee: (role, isCovert) =>
        (isCovert ? (['alerts.view', 'blacklists.view'] as const) : (['alerts.view'] as const)).every((needed) =>
          access.permissionsOf(role as Role).includes(needed),
        ),
    });
    const templates = createTemplates({
      store: createTemplateStore(database),
      ...{ news, plugins, publicUrl, log },
      site: () => access.site(),
      factsOf: (alertId) => alerts.factsOf(alertId),
    });
    const alerts = createAlerts({
      ...{ store: createAlertStore(database), rules: createRuleStore(database) },
      ...{ deliveries: createDeliveryStore(database), detections: detectionsForAlerts(detectionStore) },
      ...{
        plugins,
        secrets,
        events,
        news,
        jobs,
        cameras,
        calendars,
        blacklists,
        geofences,
        push,
        templates,
        log,
        publicUrl,
      },
      pictures: sharedPictures,
      siteLanguage: async () => (await access.site()).language,
    });
    const escalations = createEscalations({
      store: createEscalationStore(database),
      ...{ people, jobs, log },
      async channels() {
        const all = await alerts.channels.list();
        return all.map(({ channelId, name, enabled, plugin }) => ({
          ...{ channelId, name, enabled, address: plugins.find('alertChannel', plugin)?.address ?? null },
        }));
      },
      // Who names a person decides what that person hears.
      pushAddresses: (userId) => push.addresses([userId], false),
      order: (...order) => alerts.order(...order),
      async markEscalated(...mark) {
        await alerts.markEscalated(...mark);
      },
    });
    const acknowledgements = createAcknowledgements({
      store: createAcknowledgementStore(database),
      ...{ jobs, log, publicUrl, timeZone: () => calendars.timeZone() },
      async announce(what, alertId) {
        await alerts.announce(what === 'acknowledged' ? 'alert.acknowledged' : 'alert.updated', alertId);
        if (what === 'reopened') await escalations.runDue();
      },
      decide: (hitId, outcome, userId, note) => blacklists.decide([hitId], outcome, userId, note === '' ? null : note),
      tellTaken: (...taken) => escalations.tellTaken(...taken),
    });
    alerts.lend({
      acknowledgeLink: (...delivery) => acknowledgements.link(...delivery),
      async escalate(alertId, escalationId) {
        await escalations.begin(alertId, escalationId, null);
      },
    });
    const connectors = createConnectors({
      store: createConnectorStore(database),
      ...{ plugins, secrets, events, images, log, publicUrl },
      siteZone,
    });

    let flows: EmbeddedNodeRed | null = null;
    let doors: Doors | null = null;
    const hub: Hub = {
      ...{
        access,
        acknowledgements,
        alerts,
        blacklists,
        calendars,
        blacklistImports,
        cameras,
        connectors,
        detections,
        devices,
        escalations,
        events,
        geofences,
        images,
        ingest,
        people,
        places,
        plugins,
        push,
        recognition,
        retention,
        sharedPictures,
        templates,
        log,
      },
      health: createHealth({
        ...{ database, images, recognition, retention },
        flows: () => flows?.health() ?? { ok: false, problem: 'The flows are not running.' },
        doors: () => doors?.health() ?? {},
      }),
    };

    const isSecure = settings.tls !== null || publicUrl?.startsWith('https:') === true;
    const threshold = openThreshold(front.servers, publicUrl);
    undo(() => {
      threshold.sockets.close();
    });
    const live = startLive(threshold.sockets.io, hub, publicUrl);
    undo(() => live.stop());
    const app = createApi({
      ...{ hub, version, isSecure, publicUrl, dataDir, budget: threshold.budget },
      codeRequired: setupCode !== null,
      consoleFolder: join(ROOT, 'admin-ui/dist'),
      editor: () => flows?.editor ?? null,
      flow: () => flows?.flow ?? null,
      doors: () => doors?.status() ?? null,
      flowGaps: () => flows?.gaps() ?? Promise.resolve([]),
      sessionsChanged: () => {
        live.recheck();
      },
    });

    await news.start();
    undo(() => news.stop());
    await calendars.start();
    undo(() => {
      calendars.stop();
    });
    await templates.start();
    undo(() => {
      templates.stop();
    });
    await blacklists.start();
    undo(() => blacklists.stop());
    await geofences.start();
    undo(() => geofences.stop());
    await blacklistImports.start();
    undo(() => blacklistImports.stop());
    await detections.start();
    undo(() => detections.stop());
    await alerts.start();
    undo(() => alerts.stop());
    const followUp = createFollowUp({
      changes: createDetectionChanges(database),
      ...{ blacklists, geofences, alerts, events, log },
    });
    followUp.start();
    undo(() => followUp.stop());
    // Noted outside the database: who rewrites the whole trail there cannot rewrite this line too.
    jobs.every('audit.head', '0 * * * *', async () => {
      const { auditId, hash } = await auditChain.head();
      log.info({ auditId, hash }, 'head of the audit trail');
    });
    // Whoever works a queue has said so by now.
    await jobs.start();
    undo(() => jobs.stop());
    await escalations.start();
    undo(() => escalations.stop());
    await connectors.start();
    undo(() => connectors.stop());
    await ingest.start();
    undo(() => ingest.stop());
    retention.start();
    undo(() => retention.stop());
    await devices.start();
    undo(() => devices.stop());

    onStep('starting the flows');
    const specs = [...(await loadSpecs()).values()];
    flows = await startNodeRed({
      ...{ server, hub, secrets, tokenOf, publicUrl },
      folder: join(dataDir, 'node-red'),
      nodesFolder: BUILT_FOLDER,
      firstFlows: join(ROOT, 'flows/default.json'),
      facts: new Map(specs.map((spec) => [spec.type, spec])),
    });
    const running = flows;
    undo(() => running.stop());
    // What the last process left between a detection and its alert; a flow without an alert step leaves that alone.
    if (await flows.uses('lpr-alert')) {
      await alerts.recover({ hasGeofences: await flows.uses('lpr-geofence') });
    }
    doors = await openDoors({ threshold, servers: front.servers, settings, hub });
    const opened = doors;
    undo(() => opened.stop());
    front.serve(app);
    undo(() => front.drain());
    undo(() => cameras.stop());
    await cameras.start();

    if (settings.redisUrl !== null) log.warn({}, 'REDIS_URL is set, but this release does not use it yet');
    const shownHost = settings.host === '0.0.0.0' || settings.host === '::' ? '127.0.0.1' : settings.host;
    const scheme = settings.tls === null ? 'http' : 'https';
    const url = publicUrl ?? `${scheme}://${shownHost.includes(':') ? `[${shownHost}]` : shownHost}:${port}`;
    return { hub, port, url, dataDir, setupCode, setupNeeded, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
