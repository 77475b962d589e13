import type { Model } from 'sequelize';
import {
  DataTypes,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type ModelStatic,
  type Sequelize,
} from 'sequelize';
import type { Role, Site } from '../../access/access.ts';

export interface UserRow extends Model<InferAttributes<UserRow>, InferCreationAttributes<UserRow>> {
  userId: string;
  name: string;
  nameKey: string;
  passwordHash: string;
  role: Role;
  disabled: CreationOptional<boolean>;
  createdAt: CreationOptional<Date>;
  lastSignInAt: CreationOptional<Date | null>;
}

export interface SessionRow extends Model<InferAttributes<SessionRow>, InferCreationAttributes<SessionRow>> {
  tokenHash: Buffer;
  userId: string;
  createdAt: CreationOptional<Date>;
  lastSeenAt: CreationOptional<Date>;
  expiresAt: Date;
}

export interface SiteRow extends Model<InferAttributes<SiteRow>>, Site {
  onlyRow: boolean;
}

const now = (sequelize: Sequelize): { type: typeof DataTypes.DATE; allowNull: false; defaultValue: unknown } => ({
  type: DataTypes.DATE,
  allowNull: false,
  defaultValue: sequelize.literal('now()'),
});

export function defineAccessModels(sequelize: Sequelize): {
  users: ModelStatic<UserRow>;
  sessions: ModelStatic<SessionRow>;
  site: ModelStatic<SiteRow>;
} {
  return {
    users: sequelize.define<UserRow>(
      'user',
      {
        userId: { type: DataTypes.UUID, primaryKey: true },
        name: { type: DataTypes.TEXT, allowNull: false },
        nameKey: { type: DataTypes.TEXT, allowNull: false },
        passwordHash: { type: DataTypes.TEXT, allowNull: false },
        role: { type: DataTypes.TEXT, allowNull: false },
        disabled: { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: false },
        createdAt: now(sequelize),
        lastSignInAt: { type: DataTypes.DATE },
      },
      { tableName: 'users' },
    ),
    sessions: sequelize.define<SessionRow>(
      'session',
      {
        tokenHash: { type: DataTypes.BLOB, primaryKey: true },
        userId: { type: DataTypes.UUID, allowNull: false },
        createdAt: now(sequelize),
        lastSeenAt: now(sequelize),
        expiresAt: { type: DataTypes.DATE, allowNull: false },
      },
      { tableName: 'sessions' },
    ),
    site: sequelize.define<SiteRow>(
      'site',
      {
        onlyRow: { type: DataTypes.BOOLEAN, primaryKey: true },
        name: { type: DataTypes.TEXT, allowNull: false },
        timeZone: { type: DataTypes.TEXT, allowNull: false },
        era: { type: DataTypes.TEXT, allowNull: false },
        language: { type: DataTypes.TEXT, allowNull: false },
        trainingPictures: { type: DataTypes.BOOLEAN, allowNull: false },
        map: { type: DataTypes.JSONB, allowNull: false },
        searchReason: { type: DataTypes.TEXT, allowNull: false },
      },
      { tableName: 'site' },
    ),
  };
}
