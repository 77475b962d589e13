/**
 * What an operator sets, by environment: `X`, or `X_FILE` naming a file that holds the value. Everything is read and checked
 * once, here; all faults are told together.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { LprError, type FieldProblem } from './core/errors.ts';
import type { S3Settings } from './core/images/s3-store.ts';

export interface Settings {
  readonly port: number;
  readonly host: string;
  /** True when `host` opens the hub to the network. */
  readonly isOpen: boolean;
  readonly publicUrl: string | null;
  /** PEM texts. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Absolute. Database, pictures, secrets; nothing is written outside it. */
  readonly dataDir: string;
  /** External PostgreSQL; null starts the embedded one. */
  readonly databaseUrl: string | null;
  /** Where original pictures lie; null: in the data folder. */
  readonly s3: S3Settings | null;
  /** A broker of somebody else's, or the ports of the hub's own (the second only with TLS); null: none. */
  readonly mqtt: { readonly url: string } | { readonly port: number; readonly tlsPort: number } | null;
  readonly extraPorts: readonly number[];
  readonly redisUrl: string | null;
  /** Recognition workers. */
  readonly workers: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

type Environment = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** @throws settings_invalid naming every variable that cannot be used, and what would mend it */
export function readSettings(env: Environment): Settings {
  const problems: FieldProblem[] = [];
  const complain = (field: string, problem: string): void => {
    problems.push({ field, problem });
  };

  const read = (name: string): string | null => {
    const direct = env[name] === '' ? undefined : env[name];
    const file = env[`${name}_FILE`] === '' ? undefined : env[`${name}_FILE`];
    if (direct !== undefined && file !== undefined) complain(name, `is set, and ${name}_FILE too: keep one of them`);
    if (direct !== undefined) return direct;
    if (file === undefined) return null;
    try {
      return readFileSync(file, 'utf8').trim();
    } catch {
      complain(`${name}_FILE`, `names ${file}, which cannot be read: mend the path or its permissions`);
      return null;
    }
  };

  const port = (name: string, value: string, least: number): number => {
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= least && number <= 65_535) return number;
    complain(name, `is "${value}": give a whole number from ${least} to 65535`);
    return least;
  };

  const address = (name: string, protocols: readonly string[]): string | null => {
    const value = read(name);
    if (value === null) return null;
    // Never quoted: addresses carry passwords.
    if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value;
    complain(name, `is no address that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`);
    return null;
  };

  const pem = (name: string): string | null => {
    const value = read(name);
    if (value === null || value.includes('-----BEGIN')) return value;
    try {
      return readFileSync(value, 'utf8');
    } catch {
      complain(name, `names ${value}, which cannot be read: give a PEM file or its text`);
      return null;
    }
  };

  /** The bucket decides: without one nothing else of S3 may be set, or pictures would silently lie on the disk. */
  const s3 = (): S3Settings | null => {
    const endpoint = address('S3_ENDPOINT', ['http:', 'https:'])?.replace(/\/+$/, '') ?? null;
    const bucket = read('S3_BUCKET');
    const region = read('S3_REGION');
    const keys = { accessKey: read('S3_ACCESS_KEY'), secretKey: read('S3_SECRET_KEY') };
    const prefix = read('S3_PREFIX');
    const { accessKey, secretKey } = keys;
    if (bucket === null) {
      if ([endpoint, region, accessKey, secretKey, prefix].some((value) => value !== null)) {
        complain('S3_BUCKET', 'is missing: name the bucket for pictures, or leave out all that begins with S3_');
      }
      return null;
    }
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
      complain('S3_BUCKET', `is "${bucket}": a bucket has 3 to 63 lower-case letters, digits, dots and dashes`);
    }
    if (endpoint === null && region === null) {
      complain('S3_REGION', "is missing: name Amazon's region, or set S3_ENDPOINT for a store of your own");
    }
    if (accessKey === null) complain('S3_ACCESS_KEY', 'is missing: the bucket wants one');
    if (secretKey === null) complain('S3_SECRET_KEY', 'is missing: the bucket wants one');
    const inside = (prefix ?? '').replace(/^\/+|\/+$/g, '');
    if (!/^[\w./-]{0,200}$/.test(inside) || inside.split('/').includes('..')) {
      complain('S3_PREFIX', 'may have letters, digits, dots, dashes, underscores and slashes: up to 200');
    }
    return {
      ...{ endpoint, bucket, prefix: inside },
      // Stores of one's own take any; most say us-east-1 when asked.
      region: region ?? 'us-east-1',
      accessKey: accessKey ?? '',
      secretKey: secretKey ?? '',
    };
  };

  const host = read('HOST') ?? '127.0.0.1';
  const cert = pem('TLS_CERT');
  const key = pem('TLS_KEY');
  if ((cert === null) !== (key === null))
    complain(cert === null ? 'TLS_CERT' : 'TLS_KEY', 'is missing: TLS wants both');
  const mqttUrl = address('MQTT_URL', ['mqtt:', 'mqtts:', 'ws:', 'wss:']);
  const mqttPort = port('MQTT_PORT', read('MQTT_PORT') ?? '1883', 0);
  const mqttTlsPort = port('MQTT_TLS_PORT', read('MQTT_TLS_PORT') ?? '8883', 1);
  const workers = read('LPR_WORKERS') ?? String(Math.max(1, availableParallelism() - 1));
  if (!/^[1-9]\d?$/.test(workers)) complain('LPR_WORKERS', `is "${workers}": give a whole number from 1 to 99`);
  const level = read('LOG_LEVEL') ?? 'info';
  const logLevel = LOG_LEVELS.find((known) => known === level);
  if (logLevel === undefined) complain('LOG_LEVEL', `is "${level}": choose ${LOG_LEVELS.join(', ')}`);

  const settings: Settings = {
    port: port('PORT', read('PORT') ?? '3000', 0),
    host,
    isOpen: !LOOPBACK.test(host),
    publicUrl: address('PUBLIC_URL', ['http:', 'https:'])?.replace(/\/+$/, '') ?? null,
    tls: cert !== null && key !== null ? { cert, key } : null,
    dataDir: resolve(import.meta.dirname, read('LPR_DATA_DIR') ?? 'data'),
    databaseUrl: address('DATABASE_URL', ['postgres:', 'postgresql:']),
    s3: s3(),
    mqtt: mqttUrl !== null ? { url: mqttUrl } : mqttPort === 0 ? null : { port: mqttPort, tlsPort: mqttTlsPort },
    extraPorts: (read('EXTRA_PORTS') ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map((part) => port('EXTRA_PORTS', part, 1)),
    redisUrl: address('REDIS_URL', ['redis:', 'rediss:']),
    workers: Number(workers),
    logLevel: logLevel ?? 'info',
  };
  if (problems.length > 0) {
    const lines = problems.map(({ field, problem }) => `  ${field} ${problem}`).join('\n');
    throw new LprError('settings_invalid', `These settings cannot be used:\n${lines}`, { problems });
  }
  return settings;
}
