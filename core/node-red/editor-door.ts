/** What the hub does with requests to the flow editor before Node-RED sees them. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { Access, SignedIn } from '../access/access.ts';
import { errorMessage, LprError } from '../errors.ts';
import { isOwnOrigin } from '../own-origin.ts';
import type { Log } from '../plugins/define.ts';
import type { FlowNode, FlowProblem } from './flow-check.ts';
import { languageOf, refusal, refusalHtml } from './flow-refusal.ts';

/** As much as Node-RED's own limit. */
const FLOWS_LIMIT = '5mb';
const RECHECK_MS = 30_000;
const COMMS = '/editor/comms';

export interface EditorDoorOptions {
  readonly access: Pick<Access, 'session' | 'signOut' | 'audit'>;
  readonly log: Log;
  readonly tokenOf: (cookieHeader: string | undefined) => string | null;
  /** Every reason for which these flows cannot work. */
  readonly check: (flows: readonly FlowNode[]) => Promise<readonly FlowProblem[]>;
  /** Node-RED's own handler. */
  readonly pass: RequestHandler;
}

const isFlowNode = (value: unknown): value is FlowNode => {
  const { id, type } = (value ?? {}) as Partial<FlowNode>;
  return typeof id === 'string' && typeof type === 'string';
};

/** Both forms of Node-RED's API: the bare list, and `{ flows, rev }`. @throws invalid_input */
function flowsOf(body: unknown): readonly FlowNode[] {
  const flows: unknown = Array.isArray(body) ? body : (body as { flows?: unknown } | undefined)?.flows;
  if (Array.isArray(flows) && flows.every(isFlowNode)) return flows;
  const problem = 'must be a list of nodes, each with id and type';
  throw new LprError('invalid_input', `The flows cannot be read: the body ${problem}.`, {
    problems: [{ field: 'flows', problem }],
  });
}

/** Deploys are checked before Node-RED touches anything; signing out of the editor signs out of the hub. */
export function createEditorDoor({ access, log, tokenOf, check, pass }: EditorDoorOptions): RequestHandler {
  const parse: RequestHandler = express.json({ limit: FLOWS_LIMIT });

  const sessionOf = async (req: Request): Promise<SignedIn | null> => {
    const token = tokenOf(req.headers.cookie);
    return token === null ? null : access.session(token);
  };

  const readBody = (req: Request, res: Response): Promise<void> =>
    new Promise((done, fail) => {
      const then: NextFunction = (error?: unknown) => {
        if (error === undefined) done();
        else fail(error instanceof Error ? error : new Error(errorMessage(error)));
      };
      void parse(req, res, then);
    });

  const deploy: RequestHandler = async (req, res, next) => {
    const session = await sessionOf(req);
    if (session?.permissions.includes('flows.edit') !== true) {
      pass(req, res, next);
      return;
    }
    const type = req.get('Node-RED-Deployment-Type') ?? 'full';
    const { userId } = session.user;
    await readBody(req, res);
    // Node-RED's parser must not wait for a body that has been read.
    (req as Request & { _body?: boolean })._body = true;
    let nodes: number | null = null;
    if (type !== 'reload') {
      const flows = flowsOf(req.body);
      nodes = flows.length;
      const problems = await check(flows);
      if (problems.length > 0) {
        log.info({ userId, codes: problems.map(({ code }) => code) }, 'a deploy was refused: the flow cannot work');
        // The editor shows the answer's text as it is.
        if (req.get('X-Requested-With') === 'XMLHttpRequest') {
          res
            .status(422)
            .type('html')
            .send(refusalHtml(problems, languageOf(req.get('Accept-Language'))));
        } else next(refusal(problems));
        return;
      }
    }
    res.once('finish', () => {
      if (res.statusCode >= 300) return;
      const entry = {
        userId,
        action: 'flows.deployed',
        subject: null,
        details: { type, nodes },
        address: req.ip ?? null,
      };
      access.audit(entry).catch((error: unknown) => {
        log.error({ err: errorMessage(error) }, 'a deploy could not be written to the audit trail');
      });
    });
    pass(req, res, next);
  };

  const signOut: RequestHandler = async (req, res) => {
    const token = tokenOf(req.headers.cookie);
    if (token !== null) await access.signOut(token);
    res.json({ redirect: '/sign-in' });
  };

  return (req, res, next) => {
    const handler =
      req.method !== 'POST' ? pass : req.path === '/flows' ? deploy : req.path === '/auth/revoke' ? signOut : pass;
    return handler(req, res, next);
  };
}

/**
 * Watches the editor's live connections, which Node-RED admits once and then never asks again: other sites' pages are turned
 * away, and a connection ends with its session. Call before Node-RED listens to the same server.
 */
export function guardEditorSockets(
  server: Server,
  options: Pick<EditorDoorOptions, 'access' | 'log' | 'tokenOf'> & { readonly publicUrl: string | null },
): () => void {
  const { access, log, tokenOf, publicUrl } = options;
  const open = new Map<Duplex, string | null>();
  const admit = (request: IncomingMessage, socket: Duplex): void => {
    if (!(request.url ?? '').startsWith(COMMS)) return;
    if (!isOwnOrigin(request, publicUrl)) {
      socket.destroy();
      return;
    }
    open.set(socket, tokenOf(request.headers.cookie));
    socket.once('close', () => open.delete(socket));
  };
  const recheck = async (): Promise<void> => {
    for (const [socket, token] of open) {
      if (token === null || (await access.session(token)) === null) socket.destroy();
    }
  };
  server.on('upgrade', admit);
  const timer = setInterval(() => {
    recheck().catch((error: unknown) => {
      log.warn({ err: errorMessage(error) }, 'sessions of open flow editors could not be checked');
    });
  }, RECHECK_MS).unref();
  return () => {
    clearInterval(timer);
    server.off('upgrade', admit);
    for (const socket of open.keys()) socket.destroy();
  };
}
