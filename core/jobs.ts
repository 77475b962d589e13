/**
 * Work that has to be done at a time, or again and again, by whichever process of the hub is free: kept in PostgreSQL, so it
 * survives any end of the process. For timers, schedules and sweeps; what is told in a flow's time has an outbox of its own.
 */
export interface SendOptions {
  /** Not before. Default: now. */
  readonly at?: Date;
  /** While a job with this key waits in its queue a second one is not added. */
  readonly key?: string;
}

/** Plain JSON. */
export type JobData = Readonly<Record<string, unknown>>;

export interface Jobs {
  /**
   * Names who does the jobs of a queue; each job goes to one process. A throw fails it: it is tried again five times, with pauses
   * that grow from 5 s, then it is given up and logged. It may run twice when a process dies: make it repeatable. Before `start`.
   */
  work(queue: string, run: (data: JobData, signal: AbortSignal) => Promise<void>): void;
  /** As `work`, for jobs without data, by a cron expression (minutes, in `timeZone`; default UTC). Before `start`. */
  every(queue: string, cron: string, run: (signal: AbortSignal) => Promise<void>, timeZone?: string): void;
  /** Its queue must be one that somebody works. After `start`. */
  send(queue: string, data: JobData, options?: SendOptions): Promise<void>;
  start(): Promise<void>;
  /** Waits for what is running, 10 s at most. */
  stop(): Promise<void>;
}
