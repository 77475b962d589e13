/** Where a blacklist comes from by itself: a server, a folder, somebody's system. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ConfigOf, Fields } from '../fields.ts';
import type { Log } from './define.ts';

/** A list as a file; the hub reads whatever form it has. */
export interface FetchedList {
  /** As the other side calls it, for people. */
  readonly fileName: string | null;
  /** Null: not told. */
  readonly bytes: number | null;
  /** The hub reads it to its end, or leaves the loop over it early. */
  readonly body: AsyncIterable<Uint8Array>;
  /** What the other side calls this state of the list; null: it has no name for it. */
  readonly validator: string | null;
  /** Called once the body is read or given up: closes the connection. */
  close?(): Promise<void>;
}

export interface ListAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends it without reading the body. */
  readonly close: () => void;
}

export interface ListSourceContext<F extends Fields> {
  readonly config: ConfigOf<F>;
  readonly log: Log;
  /** Fires after ten minutes, and when the hub stops. */
  readonly signal: AbortSignal;
  /** Of the list as it was fetched last; null: fetch it whatever it is. */
  readonly validator: string | null;
  /** `LPR_DATA_DIR`, absolute. */
  readonly dataDir: string;
  /**
   * For protocols whose servers are known by a key: true when it may be trusted, which the first one is. Ask before signing in.
   * @param key as people compare it, e.g. `SHA256:…`
   */
  readonly trusts: (key: string) => boolean;
  /**
   * GET with the hub's limits: no redirects, into the hub's own network only where the source may.
   * @throws list_source_failed (not reached), list_source_private
   */
  readonly open: (url: string, headers?: Readonly<Record<string, string>>) => Promise<ListAnswer>;
  /**
   * Where the target is no HTTP address: gives the IP address to connect to, so that no second look-up can lead elsewhere.
   * @throws list_source_private, list_source_failed (the name is not known)
   */
  readonly assertMayReach: (host: string) => Promise<string>;
}

export interface ListSourcePlugin<F extends Fields = Fields> {
  readonly kind: 'listSource';
  readonly id: string;
  readonly fields: F;
  /**
   * Fetches once; null: the other side says that nothing changed since `validator`.
   * @throws list_source_failed saying what to mend; the hub asks again at the next time of the schedule
   */
  fetch(context: ListSourceContext<F>): Promise<FetchedList | null>;
}

export const defineListSource = <const F extends Fields>(
  plugin: Omit<ListSourcePlugin<F>, 'kind'>,
): ListSourcePlugin<F> => ({ kind: 'listSource', ...plugin });
