import {
  DataTypes,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Model,
  type ModelStatic,
  type Sequelize,
} from 'sequelize';
import type { Camera, CameraReading, DeviceState, Lane } from '../../cameras/cameras.ts';

export interface CameraRow extends Model<InferAttributes<CameraRow>, InferCreationAttributes<CameraRow>> {
  cameraId: string;
  name: string;
  nameKey: string;
  protocol: string;
  config: Readonly<Record<string, unknown>>;
  enabled: boolean;
  builtIn: Camera['builtIn'];
  checkpointId: string | null;
  latitude: number | null;
  longitude: number | null;
  heading: number | null;
  reading: CameraReading;
  lanes: CreationOptional<readonly Lane[]>;
  desired: CreationOptional<DeviceState>;
  createdAt: CreationOptional<Date>;
  removedAt: CreationOptional<Date | null>;
}

export function defineCameraModel(sequelize: Sequelize): ModelStatic<CameraRow> {
  return sequelize.define<CameraRow>(
    'camera',
    {
      cameraId: { type: DataTypes.UUID, primaryKey: true },
      name: { type: DataTypes.TEXT, allowNull: false },
      nameKey: { type: DataTypes.TEXT, allowNull: false },
      protocol: { type: DataTypes.TEXT, allowNull: false },
      config: { type: DataTypes.JSONB, allowNull: false },
      enabled: { type: DataTypes.BOOLEAN, allowNull: false },
      builtIn: { type: DataTypes.TEXT },
      checkpointId: { type: DataTypes.UUID },
      latitude: { type: DataTypes.DOUBLE },
      longitude: { type: DataTypes.DOUBLE },
      heading: { type: DataTypes.DOUBLE },
      reading: { type: DataTypes.JSONB, allowNull: false },
      lanes: { type: DataTypes.JSONB, allowNull: false, defaultValue: [] },
      desired: { type: DataTypes.JSONB, allowNull: false, defaultValue: {} },
      createdAt: { type: DataTypes.DATE, defaultValue: sequelize.literal('now()') },
      removedAt: { type: DataTypes.DATE },
    },
    { tableName: 'cameras' },
  );
}
