/** Zones, checkpoints, maintenance windows. */
import { z } from 'zod';
import { coordinate, id, instant } from './primitives.ts';

const name = z.string().trim().min(1).max(100);

export const ZoneInput = z
  .object({
    name,
    cameras: z
      .array(z.object({ cameraId: z.uuid(), role: z.enum(['in', 'out', 'inside']).default('inside') }))
      .max(1000)
      .default([]),
  })
  .meta({ id: 'ZoneInput' });
export type ZoneInput = z.input<typeof ZoneInput>;
export const Zone = z
  .object({
    zoneId: id,
    name,
    cameras: z.array(z.object({ cameraId: id, role: z.enum(['in', 'out', 'inside']) })),
  })
  .meta({ id: 'Zone' });
export type Zone = z.infer<typeof Zone>;
/** Without defaults: what is left out stays. */
export const ZoneChange = z
  .object({
    name: name.optional(),
    cameras: z
      .array(z.object({ cameraId: z.uuid(), role: z.enum(['in', 'out', 'inside']).default('inside') }))
      .max(1000)
      .optional(),
  })
  .meta({ id: 'ZoneChange' });
export type ZoneChange = z.input<typeof ZoneChange>;

export const CheckpointInput = z.object({ name, ...coordinate }).meta({ id: 'CheckpointInput' });
export type CheckpointInput = z.infer<typeof CheckpointInput>;
export const CheckpointChange = CheckpointInput.partial()
  .extend({
    cameraIds: z.array(z.uuid()).max(1000).optional().describe('orders the cameras that are there; moves none'),
  })
  .meta({ id: 'CheckpointChange' });
export type CheckpointChange = z.infer<typeof CheckpointChange>;
export const Checkpoint = CheckpointInput.extend({
  checkpointId: id,
  cameraIds: z.array(id).describe('in the order in which vehicles pass them'),
}).meta({ id: 'Checkpoint' });
export type Checkpoint = z.infer<typeof Checkpoint>;

export const MaintenanceInput = z
  .object({
    cameraId: z.uuid().nullable().default(null),
    zoneId: z.uuid().nullable().default(null),
    from: instant.nullable().default(null).describe('null: now'),
    to: instant,
    reason: z.string().trim().max(300).default(''),
  })
  .meta({ id: 'MaintenanceInput' });
export type MaintenanceInput = z.input<typeof MaintenanceInput>;
export const MaintenanceWindow = z
  .object({
    windowId: id,
    cameraId: id.nullable(),
    zoneId: id.nullable(),
    from: instant,
    to: instant,
    reason: z.string(),
    by: z.string().nullable(),
    createdAt: instant,
  })
  .meta({ id: 'MaintenanceWindow' });
export type MaintenanceWindow = z.infer<typeof MaintenanceWindow>;
export const MaintenanceQuery = z.object({ days: z.coerce.number().int().min(0).max(400).default(30) });
