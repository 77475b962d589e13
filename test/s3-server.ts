/** An S3 server on loopback with an empty bucket, its files in a temporary folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Settings } from '../core/images/s3-store.ts';

interface Server {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
}
// By require, because the package brings no types.
const S3rver = createRequire(import.meta.url)('s3rver') as new (options: Readonly<Record<string, unknown>>) => Server;

export interface S3Server {
  readonly settings: S3Settings;
  /** The same as variables of the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Nobody answers from then on. */
  stop(): Promise<void>;
}

export async function startS3Server(bucket = 'pictures'): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'lpr-s3-'));
  const options = { address: '127.0.0.1', port: 0, silent: true, directory };
  const server = new S3rver({ ...options, configureBuckets: [{ name: bucket, configs: [] }] });
  const { port } = await server.run();
  // The only key that s3rver knows.
  const [accessKey, secretKey] = ['S3RVER', 'S3RVER'];
  const settings = {
    endpoint: `http://127.0.0.1:${port}`,
    bucket,
    region: 'us-east-1',
    accessKey,
    secretKey,
    prefix: 'lpr',
  };
  let isStopped = false;
  return {
    settings,
    env: {
      S3_ENDPOINT: settings.endpoint,
      S3_BUCKET: bucket,
      S3_ACCESS_KEY: accessKey,
      S3_SECRET_KEY: secretKey,
      S3_PREFIX: settings.prefix,
    },
    async stop() {
      if (isStopped) return;
      isStopped = true;
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
