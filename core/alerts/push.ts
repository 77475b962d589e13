/** Browsers that are told of alerts while the console is closed: who switched it on where, and the key that the hub signs with. */
import { createECDH, createHash, randomUUID } from 'node:crypto';
import { LprError, type FieldProblem } from '../errors.ts';
import type { SecretBox } from '../secrets.ts';

/** As a browser's `PushSubscription.toJSON()` says it (W3C Push API). */
export interface PushSubscriptionInput {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
  /** For people, e.g. "Chrome on Android". */
  readonly label: string;
}

export interface PushSubscription {
  readonly subscriptionId: string;
  readonly label: string;
  readonly createdAt: Date;
}

export interface Push {
  /** P-256, base64url: made from the secret of the data folder, so it lasts as long as that does. */
  readonly keys: { readonly publicKey: string; readonly privateKey: string };
  list(userId: string): Promise<readonly PushSubscription[]>;
  /** A browser that somebody else used before tells this user from now on. @throws invalid_input naming the field */
  subscribe(userId: string, input: PushSubscriptionInput): Promise<PushSubscription>;
  /** @throws not_found */
  unsubscribe(userId: string, subscriptionId: string): Promise<void>;
  /**
   * Of these accounts, or of all (null), as channels of kind `push` take them; of those who may see alerts.
   * @param isCovert of a covert list: of those who may know of such lists
   */
  addresses(userIds: readonly string[] | null, isCovert: boolean): Promise<readonly string[]>;
  /** The browser gave it up. */
  forget(address: string): Promise<void>;
}

export interface PushStore {
  list(userId: string): Promise<readonly PushSubscription[]>;
  /** Keeps the newest `most` of the user. */
  save(
    subscription: Omit<PushSubscription, 'createdAt'> & {
      readonly userId: string;
      readonly endpointHash: Buffer;
      readonly sealed: string;
    },
    most: number,
  ): Promise<PushSubscription>;
  remove(userId: string, subscriptionId: string): Promise<boolean>;
  /** Of accounts that are not switched off. */
  sealed(userIds: readonly string[] | null): Promise<readonly { readonly sealed: string; readonly role: string }[]>;
  forget(endpointHash: Buffer): Promise<void>;
}

export interface PushDependencies {
  readonly store: PushStore;
  readonly secrets: SecretBox;
  /** Whether people of this role see alerts at all, or those of covert lists. */
  readonly maySee: (role: string, isCovert: boolean) => boolean;
}

const MOST_OF_A_USER = 20;
/** A point on P-256, uncompressed, and 16 bytes (RFC 8291 3.2). */
const BYTES = { p256dh: 65, auth: 16 } as const;

const hashOf = (endpoint: string): Buffer => createHash('sha256').update(endpoint).digest();

function problemsOf({ endpoint, keys }: PushSubscriptionInput): readonly FieldProblem[] {
  const isAddress = URL.canParse(endpoint) && new URL(endpoint).protocol === 'https:' && endpoint.length <= 2000;
  return [
    ...(isAddress ? [] : [{ field: 'endpoint', problem: 'must be an https:// address, as the browser says it' }]),
    ...(['p256dh', 'auth'] as const)
      .filter((key) => Buffer.from(keys[key], 'base64url').length !== BYTES[key])
      .map((key) => ({ field: `keys.${key}`, problem: `must be ${BYTES[key]} bytes in base64url` })),
  ];
}

export function createPush({ store, secrets, maySee }: PushDependencies): Push {
  const pair = createECDH('prime256v1');
  /** One that another key sealed is of use to nobody, and that browser subscribes anew: its vendor knows the other key. */
  const opened = (sealed: string): readonly string[] => {
    try {
      return [secrets.open(sealed)];
    } catch {
      return [];
    }
  };
  pair.setPrivateKey(Buffer.from(secrets.named('browser-push'), 'base64url'));
  return {
    keys: { publicKey: pair.getPublicKey('base64url'), privateKey: pair.getPrivateKey('base64url') },
    list: (userId) => store.list(userId),
    async subscribe(userId, input) {
      const problems = problemsOf(input);
      if (problems.length > 0) {
        throw new LprError('invalid_input', 'The subscription is not one that a browser makes.', { problems });
      }
      const { endpoint, keys, label } = input;
      const sealed = secrets.seal(JSON.stringify({ endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } }));
      const subscription = { subscriptionId: randomUUID(), userId, endpointHash: hashOf(endpoint), sealed, label };
      return store.save(subscription, MOST_OF_A_USER);
    },
    async unsubscribe(userId, subscriptionId) {
      if (!(await store.remove(userId, subscriptionId))) {
        throw new LprError('not_found', 'There is no such subscription.');
      }
    },
    async addresses(userIds, isCovert) {
      const rows = await store.sealed(userIds);
      return rows.filter(({ role }) => maySee(role, isCovert)).flatMap(({ sealed }) => opened(sealed));
    },
    async forget(address) {
      const { endpoint } = JSON.parse(address) as Partial<PushSubscriptionInput>;
      if (typeof endpoint === 'string') await store.forget(hashOf(endpoint));
    },
  };
}
