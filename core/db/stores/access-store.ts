import type { Transaction } from 'sequelize';
import { Op, UniqueConstraintError } from 'sequelize';
import type { AuditEntry, Site, User } from '../../access/access.ts';
import type { AccessStore, StoredUser } from '../../access/access-store.ts';
import { LprError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { defineAccessModels, type UserRow } from '../models/access-models.ts';

const toUser = (row: UserRow): User => ({
  userId: row.userId,
  name: row.name,
  role: row.role,
  disabled: row.disabled,
  createdAt: row.createdAt,
  lastSignInAt: row.lastSignInAt,
});
const toStoredUser = (row: UserRow | null): StoredUser | null =>
  row === null ? null : { ...toUser(row), passwordHash: row.passwordHash };

export function createAccessStore({ sequelize, pool }: Database): AccessStore {
  const { users, sessions, site } = defineAccessModels(sequelize);
  /** Serialises what counts users first, so that two at once cannot both pass. */
  const alone = <T>(run: (transaction: Transaction) => Promise<T>): Promise<T> =>
    sequelize.transaction(async (transaction) => {
      await sequelize.query('lock table users in share row exclusive mode', { transaction });
      return run(transaction);
    });
  const readSite = async (): Promise<Site> => {
    const row = await site.findOne({ rejectOnEmpty: true });
    const { name, timeZone, era, language, trainingPictures, map, searchReason } = row;
    return { name, timeZone, era, language, trainingPictures, map, searchReason };
  };

  return {
    countUsers: () => users.count(),
    users: async () => (await users.findAll({ order: [['name', 'ASC']] })).map(toUser),
    userById: async (userId) => toStoredUser(await users.findByPk(userId)),
    userByName: async (name) => toStoredUser(await users.findOne({ where: { nameKey: name.toLowerCase() } })),
    addUser: (user, first) =>
      alone(async (transaction) => {
        if (first && (await users.count({ transaction })) > 0) {
          throw new LprError('setup_already_done', 'An administrator exists already: sign in.');
        }
        try {
          return toUser(await users.create({ ...user, nameKey: user.name.toLowerCase() }, { transaction }));
        } catch (error) {
          if (!(error instanceof UniqueConstraintError)) throw error;
          throw new LprError('name_taken', 'Somebody has this name already: choose another.', {
            problems: [{ field: 'name', problem: 'is taken' }],
          });
        }
      }),
    changeUser: (userId, change) =>
      alone(async (transaction) => {
        const user = await users.findByPk(userId, { transaction });
        if (user === null) throw new LprError('not_found', 'There is no such user.');
        await user.update(change, { transaction });
        const left = await users.count({ where: { role: 'administrator', disabled: false }, transaction });
        if (left === 0) throw new LprError('conflict', 'The last administrator must stay one and stay enabled.');
        return toUser(user);
      }),
    async signedIn(userId, at) {
      await users.update({ lastSignInAt: at }, { where: { userId } });
    },
    async addSession(session) {
      await sessions.create(session);
    },
    async session(tokenHash) {
      const row = await sessions.findByPk(tokenHash);
      const user = row === null ? null : await users.findByPk(row.userId);
      return row === null || user === null
        ? null
        : { user: toUser(user), lastSeenAt: row.lastSeenAt, expiresAt: row.expiresAt };
    },
    async touchSession(tokenHash, at) {
      await sessions.update({ lastSeenAt: at }, { where: { tokenHash } });
    },
    async removeSession(tokenHash) {
      await sessions.destroy({ where: { tokenHash } });
    },
    async removeSessionsOf(userId) {
      await sessions.destroy({ where: { userId } });
    },
    async removeSessionsBefore(at) {
      await sessions.destroy({ where: { expiresAt: { [Op.lte]: at } } });
    },
    site: readSite,
    async changeSite(change) {
      await site.update(change, { where: { onlyRow: true } });
      return readSite();
    },
    async addAudit({ userId, action, subject, details, address }) {
      await pool.query('insert into audit (user_id, action, subject, details, address) values ($1, $2, $3, $4, $5)', [
        userId,
        action,
        subject,
        JSON.stringify(details),
        address,
      ]);
    },
    async audit({ limit, before, action, userId, subject, from, to }) {
      const { rows } = await pool.query<AuditEntry>(
        `select a.audit_id::text as "auditId", a.at, a.user_id as "userId", u.name as "userName", a.action, a.subject,
                a.details, a.address, encode(a.hash, 'hex') as hash
           from audit a left join users u using (user_id)
          where ($2::bigint is null or a.audit_id < $2)
            and ($3::text is null or a.action = $3 or starts_with(a.action, $3 || '.'))
            and ($4::text is null or a.user_id::text = $4) and ($5::text is null or a.subject = $5)
            and ($6::timestamptz is null or a.at >= $6) and ($7::timestamptz is null or a.at < $7)
          order by a.audit_id desc limit $1`,
        [limit, before, action, userId, subject, from, to],
      );
      return rows;
    },
  };
}
