/** Node-RED inside the hub: one server, one sign-in, our nodes, flows checked at deploy. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { RequestHandler } from 'express';
import { LprError } from '../errors.ts';
import type { HealthPart, Hub } from '../hub.ts';
import type { Log } from '../plugins/define.ts';
import type { SecretBox } from '../secrets.ts';
import { createEditorDoor, guardEditorSockets } from './editor-door.ts';
import { checkFlows, type FlowNode, type FlowProblem, type HubLists, type NodeFacts } from './flow-check.ts';
import { flowGaps, type FlowGap, type FlowNeeds } from './flow-gaps.ts';
import { refusal, WORDS } from './flow-refusal.ts';
import { createFlowStorage } from './flow-storage.ts';

export interface NodeRedOptions {
  readonly server: Server;
  readonly hub: Hub;
  readonly secrets: SecretBox;
  /** `<data>/node-red` */
  readonly folder: string;
  /** Built nodes, `nodes/.built`. */
  readonly nodesFolder: string;
  readonly firstFlows: string;
  readonly facts: ReadonlyMap<string, NodeFacts>;
  /** The session token of a request's cookies. */
  readonly tokenOf: (cookieHeader: string | undefined) => string | null;
  /** Where people reach the hub when it stands behind a proxy. */
  readonly publicUrl: string | null;
}

export interface EmbeddedNodeRed {
  /** For `/editor`. The caller sees to it that the request comes from the hub's own pages. */
  readonly editor: RequestHandler;
  /** Whether the deployed flow has a node of this type that is switched on. */
  uses(type: string): Promise<boolean>;
  /** For `/flow`: the flows' own HTTP nodes. */
  readonly flow: RequestHandler;
  health(): HealthPart;
  /** What waits for a node that the deployed flow does not reach. */
  gaps(): Promise<readonly FlowGap[]>;
  stop(): Promise<void>;
}

interface RuntimeEvent {
  readonly id: string;
  readonly payload?: { readonly state?: string; readonly error?: string; readonly types?: readonly string[] };
}

/** What we use of Node-RED; its own types do not cover embedding. */
interface RedModule {
  init(server: Server, settings: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly httpAdmin: RequestHandler;
  readonly httpNode: RequestHandler;
  readonly runtime: {
    readonly events: {
      on(name: string, listener: (event: any) => void): void;
      off(name: string, listener: (event: any) => void): void;
    };
  };
}

const RED = createRequire(import.meta.url)('node-red') as RedModule;

/**
 * Node-RED brings Express 4. Mounted as it is, Express 5 becomes its parent and hides `req.query`: so it is called through
 * a handler that lends each request its own properties and puts the prototypes back afterwards.
 */
const mount =
  (sub: () => RequestHandler): RequestHandler =>
  (req, res, next) => {
    const request = Object.getPrototypeOf(req) as object;
    const response = Object.getPrototypeOf(res) as object;
    Object.defineProperty(req, 'query', { value: req.query, writable: true, configurable: true, enumerable: true });
    void sub()(req, res, (error?: unknown) => {
      Object.setPrototypeOf(req, request);
      Object.setPrototypeOf(res, response);
      next(error);
    });
  };

/** Node-RED's levels. Its information (banner, files, start and stop of flows) is detail to the hub. */
const LEVELS: Readonly<Record<number, keyof Log>> = { 10: 'error', 20: 'error', 30: 'warn', 40: 'debug' };

/** Said at each start until a flow has a password in it; nothing is amiss. */
const NO_PASSWORDS_YET = 'Encrypted credentials not found';

interface LogEntry {
  readonly level: number;
  readonly msg: unknown;
  readonly type?: string;
  readonly id?: string;
}

const loggingTo = (log: Log): object => ({
  hub: {
    level: 'info',
    metrics: false,
    audit: false,
    handler:
      () =>
      ({ level, msg, type, id }: LogEntry) => {
        const text =
          typeof msg === 'string' ? msg : ((msg as { message?: string } | null)?.message ?? JSON.stringify(msg));
        const grade = text === NO_PASSWORDS_YET ? 'debug' : (LEVELS[level] ?? 'debug');
        log[grade]({ room: 'flows', ...(type === undefined ? {} : { node: type, nodeId: id }) }, text);
      },
  },
});

async function listsOf(hub: Hub): Promise<HubLists> {
  const { cameras, recognition, blacklists, geofences, alerts, escalations, connectors } = hub;
  const byId = <T extends object>(items: readonly T[], id: (item: T) => string): ReadonlyMap<string, T> =>
    new Map(items.map((item) => [id(item), item]));
  const [allCameras, engines, lists, fences, channels, allEscalations, allConnectors] = await Promise.all([
    cameras.list(),
    recognition.engines(),
    blacklists.list(),
    geofences.list({ search: null, within: null, cursor: null, limit: Infinity }),
    alerts.channels.list(),
    escalations.list(),
    connectors.list(),
  ]);
  return {
    cameras: byId(allCameras, ({ cameraId }) => cameraId),
    engines: byId(engines, ({ id }) => id),
    blacklists: byId(lists, ({ blacklistId }) => blacklistId),
    geofences: byId(fences.items, ({ geofenceId }) => geofenceId),
    alertChannels: byId(channels, ({ channelId }) => channelId),
    escalations: byId(allEscalations, ({ escalationId }) => escalationId),
    connectors: byId(allConnectors, ({ connectorId }) => connectorId),
  };
}

async function needsOf({ alerts, blacklists, geofences }: Hub): Promise<FlowNeeds> {
  const [lists, fences, rules] = await Promise.all([
    blacklists.list(),
    geofences.list({ search: null, within: null, cursor: null, limit: Infinity }),
    alerts.rules.list(),
  ]);
  // Trouble with cameras is noticed without any flow.
  const needFlow = rules.filter(
    ({ enabled, groups }) =>
      enabled && groups.some(({ conditions }) => conditions.some(({ kind }) => kind !== 'camera')),
  );
  return {
    blacklists: lists.length,
    geofences: fences.items.filter(({ enabled }) => enabled).length,
    rules: needFlow.length,
  };
}

const EDITOR_FILES = join(import.meta.dirname, 'editor');

const editorTheme = (): object => ({
  projects: { enabled: false },
  tours: false,
  page: {
    title: 'LPR Hub · Flows',
    favicon: join(EDITOR_FILES, 'lpr-hub.svg'),
    css: join(EDITOR_FILES, 'editor.css'),
    scripts: join(EDITOR_FILES, 'editor.js'),
  },
  header: { title: 'LPR Hub', image: join(EDITOR_FILES, 'lpr-hub.svg'), url: '/' },
  palette: { categories: ['LPR', 'subflows', 'common', 'function', 'network', 'sequence', 'parser', 'storage'] },
  // Shown when the session ends while the editor is open.
  login: { button: { label: WORDS['en-US'].signIn, url: '/sign-in?next=/editor/' } },
});

/** Whether the flows run, as Node-RED's events tell. */
function watchFlows(): { readonly decided: Promise<void>; health(): HealthPart; stop(): void } {
  let state: HealthPart = { ok: false, problem: 'The flows are still starting.' };
  let decide: () => void = () => undefined;
  const decided = new Promise<void>((done) => {
    decide = done;
  });
  const onStarted = (): void => {
    state = { ok: true, problem: null };
    decide();
  };
  const onEvent = ({ id, payload }: RuntimeEvent): void => {
    if (id !== 'runtime-state' || payload?.error === undefined || payload.error === 'credentials_load_failed') return;
    const what = [payload.error, ...(payload.types ?? [])].join(' ');
    state = { ok: false, problem: `The flows do not run (${what}): open the flow editor and mend them.` };
    decide();
  };
  const { events } = RED.runtime;
  events.on('flows:started', onStarted);
  events.on('runtime-event', onEvent);
  return {
    decided,
    health: () => state,
    stop() {
      events.off('flows:started', onStarted);
      events.off('runtime-event', onEvent);
    },
  };
}

/** Resolves when the flows run, or when Node-RED has said why they do not. @throws internal naming what to mend */
export async function startNodeRed(options: NodeRedOptions): Promise<EmbeddedNodeRed> {
  const { server, hub, secrets, folder, nodesFolder, firstFlows, facts, tokenOf, publicUrl } = options;
  const { access, log } = hub;
  if (!existsSync(join(nodesFolder, 'package.json'))) {
    throw new LprError('internal', 'The flow nodes are not built: run "npm run build:nodes".');
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Node-RED wants one in its folder and complains at each start otherwise.
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) await writeFile(manifest, '{ "name": "lpr-hub-flows", "private": true }\n');

  const check = async (flows: readonly FlowNode[]): Promise<readonly FlowProblem[]> =>
    checkFlows(flows, facts, await listsOf(hub));
  const storage = createFlowStorage({
    ...{ folder, firstFlows },
    async check(flows) {
      const problems = await check(flows);
      if (problems.length > 0) throw refusal(problems);
    },
  });
  // Node-RED would go on without flows that it cannot read, and the next deploy would overwrite them.
  await storage.getFlows();

  const userFor = async (cookies: string | undefined): Promise<{ username: string; permissions: string } | null> => {
    const token = tokenOf(cookies);
    const session = token === null ? null : await access.session(token);
    if (session === null) return null;
    const { user, permissions } = session;
    if (permissions.includes('flows.edit')) return { username: user.name, permissions: '*' };
    return permissions.includes('flows.view') ? { username: user.name, permissions: 'read' } : null;
  };

  const releaseSockets = guardEditorSockets(server, { access, log, tokenOf, publicUrl });
  RED.init(server, {
    lprHub: hub,
    // The log is for operators, whatever the machine's language.
    lang: 'en-US',
    userDir: folder,
    flowFile: join(folder, 'flows.json'),
    storageModule: storage,
    nodesDir: [nodesFolder],
    httpAdminRoot: '/editor',
    httpNodeRoot: '/flow',
    credentialSecret: secrets.named('node-red'),
    functionExternalModules: false,
    externalModules: { palette: { allowInstall: false, allowUpload: false }, modules: { allowInstall: false } },
    telemetry: { enabled: false, updateNotification: false },
    runtimeState: { enabled: false },
    diagnostics: { enabled: true, ui: true },
    editorTheme: editorTheme(),
    adminAuth: {
      type: 'session',
      // Any header may carry the token: here the whole Cookie header arrives, so that the console's session is enough.
      tokenHeader: 'cookie',
      tokens: userFor,
    },
    logging: loggingTo(log),
  });
  const flows = watchFlows();
  const release = (): void => {
    flows.stop();
    releaseSockets();
  };
  try {
    await RED.start();
    await flows.decided;
  } catch (error) {
    release();
    throw error;
  }
  return {
    editor: createEditorDoor({ access, log, tokenOf, check, pass: mount(() => RED.httpAdmin) }),
    async uses(type) {
      const flow = JSON.parse(await readFile(join(folder, 'flows.json'), 'utf8')) as readonly FlowNode[];
      return flow.some((node) => node.type === type && node['d'] !== true);
    },
    flow: mount(() => RED.httpNode),
    health: () => flows.health(),
    gaps: async () => flowGaps((await storage.getFlows()) as readonly FlowNode[], facts, await needsOf(hub)),
    async stop() {
      release();
      await RED.stop();
    },
  };
}
