import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createAuditChainStore } from '../db/stores/audit-chain-store.ts';
import { createAccessStore } from '../db/stores/access-store.ts';
import { createAccess, PERMISSIONS, ROLES, type Access } from './access.ts';

const ALL = { action: null, userId: null, subject: null, from: null, to: null };
const PASSWORD = 'correct horse battery';
let database: TestDatabase;
let clock: Date;
let access: Access;
const open = (setupCode: string | null): Access =>
  createAccess({
    store: createAccessStore(database),
    chain: createAuditChainStore(database),
    setupCode,
    now: () => clock,
  });

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query('delete from sessions; delete from users');
  clock = new Date();
  access = open(null);
});

describe('set-up', () => {
  test('makes one administrator, also when two try at once', async () => {
    expect(await access.setupNeeded()).toBe(true);
    const tries = await Promise.allSettled(
      ['first', 'second'].map((name) => access.setUp({ name, password: PASSWORD, code: null })),
    );
    expect(tries.map((t) => t.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await access.setupNeeded()).toBe(false);
    await expect(access.setUp({ name: 'third', password: PASSWORD, code: null })).rejects.toMatchObject({
      code: 'setup_already_done',
    });
  });

  test('asks for the printed code when the hub is open', async () => {
    const guarded = open('ABCD-1234');
    await expect(guarded.setUp({ name: 'admin', password: PASSWORD, code: 'ABCD-1235' })).rejects.toMatchObject({
      code: 'setup_code_wrong',
    });
    expect((await guarded.setUp({ name: 'admin', password: PASSWORD, code: 'ABCD-1234' })).role).toBe('administrator');
  });

  test.each(['short', 'aaaaaaaaaaaaaaaa', 'my admin password'])('refuses the password %s', async (password) => {
    await expect(access.setUp({ name: 'admin', password, code: null })).rejects.toMatchObject({
      code: 'password_too_weak',
    });
  });
});

describe('sessions', () => {
  beforeEach(async () => {
    await access.setUp({ name: 'สมชาย', password: PASSWORD, code: null });
  });

  test('last while they are used and end when idle', async () => {
    const { token } = await access.signIn('สมชาย', PASSWORD, '127.0.0.1');
    clock = new Date(clock.getTime() + 11 * 3_600_000);
    expect((await access.session(token))?.user.name).toBe('สมชาย');
    clock = new Date(clock.getTime() + 11 * 3_600_000);
    expect(await access.session(token)).not.toBeNull();
    clock = new Date(clock.getTime() + 13 * 3_600_000);
    expect(await access.session(token)).toBeNull();
  });

  test('only a hash of the token is stored', async () => {
    const { token } = await access.signIn('สมชาย', PASSWORD, '127.0.0.1');
    const { rows } = await database.pool.query('select * from sessions');
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  test('guessing is slowed down, and a right password waits too', async () => {
    for (let i = 0; i < 5; i++) {
      await expect(access.signIn('สมชาย', 'wrong wrong wrong', '127.0.0.1')).rejects.toMatchObject({
        code: 'wrong_credentials',
      });
    }
    await expect(access.signIn('สมชาย', PASSWORD, '127.0.0.1')).rejects.toMatchObject({ code: 'too_many_attempts' });
    clock = new Date(clock.getTime() + 2_000);
    expect((await access.signIn('สมชาย', PASSWORD, '127.0.0.1')).token).toHaveLength(43);
  });

  test('disabling a user ends their sessions', async () => {
    const user = await access.createUser({ name: 'Op', password: PASSWORD, role: 'operator' });
    const { token } = await access.signIn('op', PASSWORD, '127.0.0.1');
    await access.updateUser(user.userId, { disabled: true });
    expect(await access.session(token)).toBeNull();
    await expect(access.signIn('op', PASSWORD, '127.0.0.1')).rejects.toMatchObject({ code: 'wrong_credentials' });
  });
});

test('the last administrator stays', async () => {
  const admin = await access.setUp({ name: 'admin', password: PASSWORD, code: null });
  await expect(access.updateUser(admin.userId, { disabled: true })).rejects.toMatchObject({ code: 'conflict' });
  await expect(access.updateUser(admin.userId, { role: 'viewer' })).rejects.toMatchObject({ code: 'conflict' });
  expect((await access.users())[0]).toMatchObject({ role: 'administrator', disabled: false });
});

test('names are unique without regard to case', async () => {
  await access.createUser({ name: 'Anna', password: PASSWORD, role: 'viewer' });
  await expect(access.createUser({ name: 'anna', password: PASSWORD, role: 'viewer' })).rejects.toMatchObject({
    code: 'name_taken',
  });
});

test('the audit trail cannot be rewritten', async () => {
  await access.audit({ userId: null, action: 'session.failed', subject: null, details: {}, address: '127.0.0.1' });
  expect((await access.auditTrail({ ...ALL, limit: 1, before: null }))[0]).toMatchObject({
    action: 'session.failed',
    userName: null,
  });
  await expect(database.pool.query('delete from audit')).rejects.toThrow(/append-only/);
  await expect(database.pool.query(`update audit set action = 'x'`)).rejects.toThrow(/append-only/);
});

test('an unknown time zone is refused by name', async () => {
  await expect(access.updateSite({ timeZone: 'Asia/Bankok' })).rejects.toMatchObject({ code: 'invalid_input' });
  expect((await access.updateSite({ timeZone: 'Asia/Vientiane', era: 'buddhist' })).era).toBe('buddhist');
});

test('only administrators have every permission, and everybody sees detections', () => {
  for (const role of ROLES) {
    const permissions = access.permissionsOf(role);
    expect(permissions).toContain('detections.view');
    expect(permissions.length === PERMISSIONS.length).toBe(role === 'administrator');
  }
});
