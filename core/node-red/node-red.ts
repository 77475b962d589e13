/** Node-RED inside the hub: one server, one sign-in, our nodes, flows checked at deploy. */
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RequestHandler } from 'express';
import { LprError } from '../errors.ts';
import type { HealthPart, Hub } from '../hub.ts';
import type { SecretBox } from '../secrets.ts';
import type { NodeFacts } from './flow-check.ts';
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
}

export interface EmbeddedNodeRed {
  readonly editor: RequestHandler;
  readonly flow: RequestHandler;
  health(): HealthPart;
  stop(): Promise<void>;
}

/** What we use of Node-RED; its own types do not cover embedding. */
interface RedModule {
  init(server: Server, settings: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly httpAdmin: RequestHandler;
  readonly httpNode: RequestHandler;
  readonly runtime: { readonly events: { on(name: string, listener: (event: any) => void): void } };
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
    sub()(req, res, (error?: unknown) => {
      Object.setPrototypeOf(req, request);
      Object.setPrototypeOf(res, response);
      next(error);
    });
  };

const LEVELS: Readonly<Record<number, 'error' | 'warn' | 'info' | 'debug'>> = {
  10: 'error',
  20: 'error',
  30: 'warn',
  40: 'info',
  50: 'debug',
};

function loggingTo(hub: Hub): object {
  return {
    hub: {
      level: 'info',
      metrics: false,
      audit: false,
      handler: () => (entry: { level: number; msg: unknown; type?: string; name?: string }) => {
        const text = typeof entry.msg === 'string' ? entry.msg : ((entry.msg as Error | undefined)?.message ?? '');
        // Node-RED's banner and file list say nothing about this hub.
        const level = entry.level === 40 ? 'debug' : (LEVELS[entry.level] ?? 'debug');
        hub.log[level]({ flows: true, node: entry.name ?? entry.type }, text);
      },
    },
  };
}

export async function startNodeRed(options: NodeRedOptions): Promise<EmbeddedNodeRed> {
  const { server, hub, secrets, folder, nodesFolder, firstFlows, facts, tokenOf } = options;
  if (!existsSync(join(nodesFolder, 'package.json'))) {
    throw new LprError('internal', `The flow nodes are not built: run "npm run build:nodes".`);
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Node-RED wants one in its folder and complains at each start otherwise.
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) await writeFile(manifest, '{ "name": "lpr-hub-flows", "private": true }\n');

  const userFor = async (cookies: string | undefined): Promise<{ username: string; permissions: string } | null> => {
    const token = tokenOf(cookies);
    const session = token === null ? null : await hub.access.session(token);
    if (session === null) return null;
    const { user, permissions } = session;
    if (permissions.includes('flows.edit')) return { username: user.name, permissions: '*' };
    return permissions.includes('flows.view') ? { username: user.name, permissions: 'read' } : null;
  };

  let flowsState: HealthPart = { ok: false, problem: 'The flows are still starting.' };
  RED.init(server, {
    lprHub: hub,
    userDir: folder,
    flowFile: join(folder, 'flows.json'),
    storageModule: createFlowStorage(folder, firstFlows, facts),
    nodesDir: [nodesFolder],
    httpAdminRoot: '/editor',
    httpNodeRoot: '/flow',
    credentialSecret: secrets.named('node-red'),
    functionExternalModules: false,
    externalModules: { palette: { allowInstall: false, allowUpload: false }, modules: { allowInstall: false } },
    telemetry: { enabled: false, updateNotification: false },
    runtimeState: { enabled: false },
    editorTheme: {
      projects: { enabled: false },
      tours: false,
      page: { title: 'LPR Hub · Flows' },
      header: { title: 'LPR Hub', url: '/' },
      palette: { categories: ['LPR', 'common', 'function', 'network', 'sequence', 'parser', 'storage'] },
      languages: ['en-US', 'th'],
      codeEditor: { lib: 'ace' },
      menu: {
        'menu-item-help': { label: 'LPR Hub', url: '/' },
      },
    },
    adminAuth: {
      type: 'credentials',
      // Any header may carry the token: here the whole Cookie header arrives, so that the console's session is enough.
      tokenHeader: 'cookie',
      tokens: userFor,
      users: () => Promise.resolve(null),
      authenticate: () => Promise.resolve(null),
    },
    logging: loggingTo(hub),
  });
  RED.runtime.events.on(
    'runtime-event',
    ({ id, payload }: { id: string; payload?: { state?: string; error?: string } }) => {
      if (id !== 'runtime-state') return;
      const isStopped = payload?.state === 'stop' && payload.error !== undefined;
      flowsState = isStopped
        ? { ok: false, problem: `The flows are stopped (${payload.error ?? ''}): open the flow editor and mend them.` }
        : { ok: true, problem: null };
    },
  );
  const started = new Promise<void>((resolve) => {
    RED.runtime.events.on('flows:started', () => {
      flowsState = { ok: true, problem: null };
      resolve();
    });
  });
  await RED.start();
  await started;
  return {
    editor: mount(() => RED.httpAdmin),
    flow: mount(() => RED.httpNode),
    health: () => flowsState,
    stop: () => RED.stop(),
  };
}
