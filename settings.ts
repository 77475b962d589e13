/** The one file an operator edits or overrides by environment. Everything is read and checked once; all faults are told together. */

export interface Settings {
  readonly port: number;
  readonly host: string;
  /** True when `host` opens the hub to the network. */
  readonly isOpen: boolean;
  readonly publicUrl: string | null;
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Absolute. Database, pictures, secrets; nothing is written outside it. */
  readonly dataDir: string;
  /** External PostgreSQL; null starts the embedded one. */
  readonly databaseUrl: string | null;
  readonly mqtt: { readonly url: string } | { readonly port: number } | null;
  readonly extraPorts: readonly number[];
  readonly redisUrl: string | null;
  /** Recognition workers. */
  readonly workers: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}
