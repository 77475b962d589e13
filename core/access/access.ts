/** Who may do what: users, sessions, roles, the audit trail. */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { LprError } from '../errors.ts';
import type { AccessStore, StoredUser } from './access-store.ts';
import { verifyChain, type ChainHead, type ChainReport, type ChainStore } from './audit-chain.ts';
import { checkPassword, hashPassword, passwordMatches } from './passwords.ts';
import { checkSiteMap, type SiteMap } from './site-map.ts';
import { createThrottle } from './throttle.ts';

export const ROLES = ['viewer', 'operator', 'investigator', 'supervisor', 'auditor', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

export const PERMISSIONS = [
  'detections.view',
  'detections.correct',
  'detections.hold',
  'frames.upload',
  'cameras.view',
  'cameras.manage',
  'blacklists.view',
  'blacklists.manage',
  'places.manage',
  'alerts.view',
  'alerts.acknowledge',
  'alerts.manage',
  'flows.view',
  'flows.edit',
  'users.manage',
  'site.manage',
  'audit.view',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export interface User {
  readonly userId: string;
  /** What one signs in with: 2 to 64 characters, unique without regard to case. */
  readonly name: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly createdAt: Date;
  readonly lastSignInAt: Date | null;
}

export interface SignedIn {
  readonly user: User;
  readonly permissions: readonly Permission[];
}

export interface Site {
  readonly name: string;
  /** IANA zone, default Asia/Bangkok. */
  readonly timeZone: string;
  readonly era: 'gregorian' | 'buddhist';
  readonly language: 'th' | 'en';
  /** Whether pictures go with exported corrections. */
  readonly trainingPictures: boolean;
  readonly map: SiteMap;
  /** What one must say to search detections by plate. */
  readonly searchReason: 'none' | 'reason' | 'case';
}

export interface AuditEntry {
  readonly auditId: string;
  readonly at: Date;
  readonly userId: string | null;
  readonly userName: string | null;
  /** e.g. `user.created`, `detection.corrected`, `session.failed`. */
  readonly action: string;
  readonly subject: string | null;
  /** Never plate texts or secrets beyond what the action changed. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly address: string | null;
  /** Of this row and all before it, hexadecimal. */
  readonly hash: string;
}

export interface AuditQuery {
  readonly limit: number;
  /** `auditId` of the last row that is known. */
  readonly before: string | null;
  /** An action, or its first part: `blacklist` gives all of `blacklist.…`. */
  readonly action: string | null;
  readonly userId: string | null;
  readonly subject: string | null;
  readonly from: Date | null;
  readonly to: Date | null;
}

export interface Access {
  /** True until the first administrator exists. */
  setupNeeded(): Promise<boolean>;
  /** Makes the first administrator. @throws setup_already_done, setup_code_wrong, password_too_weak, invalid_input */
  setUp(input: { readonly name: string; readonly password: string; readonly code: string | null }): Promise<User>;
  /** @throws wrong_credentials, too_many_attempts */
  signIn(
    name: string,
    password: string,
    address: string,
  ): Promise<{ readonly token: string; readonly signedIn: SignedIn; readonly expiresAt: Date }>;
  /** Null when the session is unknown, expired, or its user disabled. */
  session(token: string): Promise<SignedIn | null>;
  signOut(token: string): Promise<void>;
  changePassword(userId: string, current: string, next: string): Promise<void>;
  users(): Promise<readonly User[]>;
  /** @throws name_taken, password_too_weak, invalid_input */
  createUser(input: { readonly name: string; readonly password: string; readonly role: Role }): Promise<User>;
  /** @throws not_found, conflict (the last administrator cannot be disabled or demoted) */
  updateUser(
    userId: string,
    change: { readonly role?: Role; readonly disabled?: boolean; readonly password?: string },
  ): Promise<User>;
  permissionsOf(role: Role): readonly Permission[];
  site(): Promise<Site>;
  updateSite(change: Partial<Site>): Promise<Site>;
  audit(entry: Omit<AuditEntry, 'auditId' | 'at' | 'userName' | 'hash'>): Promise<void>;
  auditTrail(options: AuditQuery): Promise<readonly AuditEntry[]>;
  /** Reads the whole trail; see `verifyChain`. */
  verifyAudit(noted: ChainHead | null): Promise<ChainReport>;
}

const IDLE_MS = 12 * 3_600_000;
const LONGEST_MS = 7 * 24 * 3_600_000;
/** A session's last use is written at most this often. */
const TOUCH_MS = 60_000;

const VIEW: readonly Permission[] = ['detections.view', 'cameras.view', 'alerts.view'];
const OPERATE: readonly Permission[] = [
  ...VIEW,
  'detections.correct',
  'frames.upload',
  'alerts.acknowledge',
  'blacklists.view',
];
const INVESTIGATE: readonly Permission[] = [...OPERATE, 'blacklists.manage', 'detections.hold'];
const SUPERVISE: readonly Permission[] = [
  ...INVESTIGATE,
  'cameras.manage',
  'places.manage',
  'alerts.manage',
  'flows.view',
  'audit.view',
];

const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: VIEW,
  operator: OPERATE,
  investigator: INVESTIGATE,
  supervisor: SUPERVISE,
  // Apart from the others: sees what people did, changes nothing.
  auditor: [...VIEW, 'blacklists.view', 'audit.view'],
  administrator: PERMISSIONS,
};

export interface AccessDependencies {
  readonly store: AccessStore;
  readonly chain: ChainStore;
  /** Asked for by the set-up page when the hub is open to the network. */
  readonly setupCode: string | null;
  /** Told when the site's name, zone or language is another. */
  readonly onSiteChange?: () => Promise<void>;
  readonly now?: () => Date;
}

const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();

const sameText = (a: string, b: string): boolean => timingSafeEqual(hashToken(a), hashToken(b));

const withoutHash = ({ userId, name, role, disabled, createdAt, lastSignInAt }: StoredUser): User => ({
  userId,
  name,
  role,
  disabled,
  createdAt,
  lastSignInAt,
});

function checkName(name: string): string {
  const trimmed = name.trim().normalize('NFC');
  const { length } = Array.from(trimmed);
  if (length >= 2 && length <= 64) return trimmed;
  const problem = 'must have 2 to 64 characters';
  throw new LprError('invalid_input', `The user name ${problem}.`, { problems: [{ field: 'name', problem }] });
}

function checkSite(change: Partial<Site>): void {
  if (change.map !== undefined) checkSiteMap(change.map);
  if (change.timeZone === undefined) return;
  try {
    new Intl.DateTimeFormat('en', { timeZone: change.timeZone });
  } catch {
    const problem = 'is no time zone of the IANA list, such as Asia/Bangkok';
    throw new LprError('invalid_input', `"${change.timeZone}" ${problem}.`, {
      problems: [{ field: 'timeZone', problem }],
    });
  }
}

export function createAccess({
  store,
  chain,
  setupCode,
  onSiteChange = () => Promise.resolve(),
  now = () => new Date(),
}: AccessDependencies): Access {
  const throttle = createThrottle(() => now().getTime());

  const newUser = async (input: { name: string; password: string; role: Role }, first: boolean): Promise<User> => {
    const name = checkName(input.name);
    checkPassword(input.password, name);
    const passwordHash = await hashPassword(input.password);
    return store.addUser({ userId: randomUUID(), name, passwordHash, role: input.role }, first);
  };

  const access: Access = {
    setupNeeded: async () => (await store.countUsers()) === 0,
    async setUp({ name, password, code }) {
      if (!(await access.setupNeeded())) {
        throw new LprError('setup_already_done', 'An administrator exists already: sign in.');
      }
      if (setupCode !== null && !sameText(code ?? '', setupCode)) {
        throw new LprError('setup_code_wrong', 'The code is not the one that the start printed.', {
          problems: [{ field: 'code', problem: 'is not the one that the start printed' }],
        });
      }
      return newUser({ name, password, role: 'administrator' }, true);
    },
    async signIn(name, password, address) {
      const keys = [`name:${name.trim().toLowerCase()}`, `address:${address}`];
      const wait = Math.max(...keys.map((key) => throttle.waitFor(key)));
      if (wait > 0) {
        throw new LprError('too_many_attempts', `Too many failed sign-ins: try again in ${Math.ceil(wait / 1000)} s.`, {
          seconds: Math.ceil(wait / 1000),
        });
      }
      const user = await store.userByName(name.trim().normalize('NFC'));
      const matches = await passwordMatches(password, user?.passwordHash ?? null);
      if (user === null || !matches || user.disabled) {
        for (const key of keys) throttle.failed(key);
        throw new LprError('wrong_credentials', 'The name or the password is wrong.');
      }
      for (const key of keys) throttle.succeeded(key);
      const at = now();
      const token = randomBytes(32).toString('base64url');
      const expiresAt = new Date(at.getTime() + LONGEST_MS);
      await store.addSession({ tokenHash: hashToken(token), userId: user.userId, expiresAt });
      await store.signedIn(user.userId, at);
      await store.removeSessionsBefore(at);
      const known = withoutHash(user);
      return { token, signedIn: { user: known, permissions: ROLE_PERMISSIONS[user.role] }, expiresAt };
    },
    async session(token) {
      if (!/^[\w-]{43}$/.test(token)) return null;
      const tokenHash = hashToken(token);
      const session = await store.session(tokenHash);
      if (session === null || session.user.disabled) return null;
      const at = now();
      const idle = at.getTime() - session.lastSeenAt.getTime();
      if (session.expiresAt <= at || idle > IDLE_MS) {
        await store.removeSession(tokenHash);
        return null;
      }
      if (idle > TOUCH_MS) await store.touchSession(tokenHash, at);
      return { user: session.user, permissions: ROLE_PERMISSIONS[session.user.role] };
    },
    signOut: (token) => store.removeSession(hashToken(token)),
    async changePassword(userId, current, next) {
      const user = await store.userById(userId);
      if (user === null || !(await passwordMatches(current, user.passwordHash))) {
        throw new LprError('wrong_credentials', 'The current password is wrong.', {
          problems: [{ field: 'current', problem: 'is wrong' }],
        });
      }
      checkPassword(next, user.name);
      await store.changeUser(userId, { passwordHash: await hashPassword(next) });
      await store.removeSessionsOf(userId);
    },
    users: () => store.users(),
    createUser: (input) => newUser(input, false),
    async updateUser(userId, { password, ...change }) {
      if (password !== undefined) checkPassword(password, (await store.userById(userId))?.name ?? '');
      const passwordHash = password === undefined ? {} : { passwordHash: await hashPassword(password) };
      const user = await store.changeUser(userId, { ...change, ...passwordHash });
      if (change.disabled === true || password !== undefined) await store.removeSessionsOf(userId);
      return user;
    },
    permissionsOf: (role) => ROLE_PERMISSIONS[role],
    site: () => store.site(),
    async updateSite(change) {
      checkSite(change);
      const site = await store.changeSite(change);
      await onSiteChange();
      return site;
    },
    audit: (entry) => store.addAudit(entry),
    auditTrail: (query) => store.audit(query),
    verifyAudit: (noted) => verifyChain(chain, noted),
  };
  return access;
}
