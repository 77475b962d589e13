import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { LprError } from '../errors.ts';
import type { ByteStore } from './byte-store.ts';

export interface S3Settings {
  /** Null: Amazon's own, of the region. */
  readonly endpoint: string | null;
  readonly bucket: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Before each name, without a slash at either end; empty for none. */
  readonly prefix: string;
}

/** Within these a store that is well has answered; whoever sends a frame is told and sends again. */
const CONNECT_MS = 5_000;
const ANSWER_MS = 30_000;
const ATTEMPTS = 3;

interface Fault {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const isMissing = (error: unknown): boolean => {
  const { name, $metadata } = (error ?? {}) as Fault;
  return name === 'NoSuchKey' || name === 'NotFound' || (name !== 'NoSuchBucket' && $metadata?.httpStatusCode === 404);
};

/** What an S3 store said, in our codes. A full MinIO says 507 XMinioStorageFull, a full Ceph QuotaExceeded. */
function translated(error: unknown): LprError {
  const { name = '', code = '', message = '', $metadata } = (error ?? {}) as Fault;
  const said = [...new Set([name, code, message])].filter((word) => word !== '').join(', ');
  if (isMissing(error)) return new LprError('not_found', 'The bytes of this picture are not in the S3 store.');
  if ($metadata?.httpStatusCode === 507 || /StorageFull|QuotaExceeded/.test(name)) {
    return new LprError('storage_full', `The S3 store is full (${said}): make room, then send again.`, {}, error);
  }
  const remedy = /NoSuchBucket/.test(name)
    ? 'make the bucket, or mend S3_BUCKET'
    : /AccessDenied|Forbidden|InvalidAccessKeyId|SignatureDoesNotMatch/.test(name) || $metadata?.httpStatusCode === 403
      ? 'mend S3_ACCESS_KEY and S3_SECRET_KEY, or what they may do'
      : 'see that it runs and that S3_ENDPOINT is right';
  return new LprError(
    'store_unavailable',
    `The S3 store does not take or give pictures (${said}): ${remedy}.`,
    {},
    error,
  );
}

/** The client is loaded here, not at start: most hubs keep their pictures on a disk. */
export async function createS3Store(settings: S3Settings): Promise<ByteStore> {
  const s3 = await import('@aws-sdk/client-s3');
  const { endpoint, bucket, region, accessKey, secretKey } = settings;
  const client = new s3.S3Client({
    region,
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    maxAttempts: ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
    // Stores other than Amazon's do not all know the newer checksums; each put carries its MD5 instead.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const before = settings.prefix === '' ? '' : `${settings.prefix}/`;
  const at = (name: string): { readonly Bucket: string; readonly Key: string } => ({
    Bucket: bucket,
    Key: before + name,
  });
  const asked = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw translated(error);
    }
  };
  return {
    async put(name, bytes) {
      const md5 = createHash('md5').update(bytes).digest('base64');
      const put = new s3.PutObjectCommand({ ...at(name), Body: bytes, ContentLength: bytes.length, ContentMD5: md5 });
      await asked(client.send(put));
    },
    get: (name) =>
      asked(
        client.send(new s3.GetObjectCommand(at(name))).then(async ({ Body }) => {
          return Buffer.from((await Body?.transformToByteArray()) ?? []);
        }),
      ),
    async open(name) {
      const { Body, ContentLength } = await asked(client.send(new s3.GetObjectCommand(at(name))));
      return { stream: Body as Readable, bytes: ContentLength ?? 0 };
    },
    exists: (name) =>
      client.send(new s3.HeadObjectCommand(at(name))).then(
        () => true,
        (error: unknown) => {
          if (isMissing(error)) return false;
          throw translated(error);
        },
      ),
    async delete(name) {
      await asked(client.send(new s3.DeleteObjectCommand(at(name))));
    },
    async *list() {
      // The older of the two list calls: every store knows it, and it goes on after a name rather than by a token.
      for (let after = ''; ;) {
        const page = await asked(
          client.send(new s3.ListObjectsCommand({ Bucket: bucket, Prefix: before, Marker: after })),
        );
        const contents = page.Contents ?? [];
        for (const { Key = '', Size = 0, LastModified = new Date(0) } of contents) {
          yield { name: Key.slice(before.length), bytes: Size, writtenAt: LastModified };
        }
        after = contents.at(-1)?.Key ?? '';
        if (page.IsTruncated !== true || after === '') return;
      }
    },
    freeBytes: () => Promise.resolve(null),
    async check() {
      // Told apart from a missing picture, which is a 404 too.
      await client.send(new s3.HeadBucketCommand({ Bucket: bucket })).catch((error: unknown) => {
        throw translated(isMissing(error) ? { name: 'NoSuchBucket' } : error);
      });
    },
  };
}
