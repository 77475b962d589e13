import type { RequestHandler } from 'express';
import type { ByteBudget } from '../doors/byte-budget.ts';
import type { DoorsStatus } from '../doors/doors.ts';
import type { Hub } from '../hub.ts';
import type { FlowGap } from '../node-red/flow-gaps.ts';
import type { Asker } from './route.ts';

export interface ApiOptions {
  readonly hub: Hub;
  readonly version: string;
  /** Whether set-up asks for the code that the start printed. */
  readonly codeRequired: boolean;
  /** Where people reach the hub when it stands behind a proxy. */
  readonly publicUrl: string | null;
  /** Of messages that come in, shared with the other doors. */
  readonly budget: ByteBudget;
  /** Cookies travel over TLS alone. */
  readonly isSecure: boolean;
  /** `LPR_DATA_DIR`, absolute. */
  readonly dataDir: string;
  /** The built console. */
  readonly consoleFolder: string;
  /** Null until Node-RED runs. */
  readonly editor: () => RequestHandler | null;
  readonly flow: () => RequestHandler | null;
  /** Null until they are open. */
  readonly doors: () => DoorsStatus | null;
  /** What the deployed flow lacks; empty until it runs. */
  readonly flowGaps: () => Promise<readonly FlowGap[]>;
  /** A session may have ended, or a role changed: open connections are looked at again. */
  readonly sessionsChanged: () => void;
}

export type RouteOptions = Pick<
  ApiOptions,
  'hub' | 'version' | 'codeRequired' | 'isSecure' | 'sessionsChanged' | 'doors' | 'flowGaps'
>;

/** Writes down who did what. */
export type Audit = (
  asker: Pick<Asker, 'signedIn' | 'address'>,
  action: string,
  subject: string | null,
  details?: Readonly<Record<string, unknown>>,
) => Promise<void>;

export const auditOf =
  ({ access }: Hub): Audit =>
  ({ signedIn, address }, action, subject, details = {}) =>
    access.audit({ userId: signedIn?.user.userId ?? null, action, subject, details, address });
