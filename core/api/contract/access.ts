/** Users, sessions, the site, the audit trail. */
import { z } from 'zod';
import { instant, id, needsReason } from './primitives.ts';

export const Role = z.enum(['viewer', 'operator', 'investigator', 'supervisor', 'auditor', 'administrator']);
export type Role = z.infer<typeof Role>;
export const User = z
  .object({
    userId: id,
    name: z.string(),
    role: Role,
    disabled: z.boolean(),
    createdAt: instant,
    lastSignInAt: instant.nullable(),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof User>;
export const SiteMap = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('outline') }),
    z.object({
      kind: z.literal('tiles'),
      url: z.string().trim().max(500).describe('with {z}, {x} and {y}'),
      attribution: z.string().trim().max(300).default(''),
    }),
    z.object({
      kind: z.literal('wms'),
      url: z.string().trim().max(500),
      layers: z.string().trim().max(300),
      attribution: z.string().trim().max(300).default(''),
    }),
    z.object({
      kind: z.literal('pmtiles'),
      url: z.string().trim().max(500).describe('an address, or /maps/<name>.pmtiles of the data folder'),
      attribution: z.string().trim().max(300).default(''),
    }),
  ])
  .meta({ id: 'SiteMap' });
export type SiteMap = z.infer<typeof SiteMap>;
export const Site = z
  .object({
    name: z.string().trim().min(1).max(100),
    timeZone: z.string().min(1).max(64),
    era: z.enum(['gregorian', 'buddhist']),
    language: z.enum(['th', 'en']),
    trainingPictures: z.boolean().describe('whether pictures go with exported corrections'),
    searchReason: needsReason.describe('what one must say to search detections by plate'),
    map: SiteMap.describe('what lies below the points of the map; all but the outline is asked of another host'),
  })
  .meta({ id: 'Site' });
export type Site = z.infer<typeof Site>;

export const SetupState = z.object({ needed: z.boolean(), codeRequired: z.boolean() }).meta({ id: 'SetupState' });
export type SetupState = z.infer<typeof SetupState>;
export const SetupInput = z
  .object({
    name: z.string().trim().min(2).max(64),
    password: z.string().min(12).max(256),
    code: z.string().max(64).nullable().default(null),
    language: z.enum(['th', 'en']).default('en'),
  })
  .meta({ id: 'SetupInput' });
export type SetupInput = z.input<typeof SetupInput>;
export const SignIn = z
  .object({ name: z.string().trim().min(1).max(64), password: z.string().min(1).max(256) })
  .meta({ id: 'SignIn' });
export type SignIn = z.infer<typeof SignIn>;
export const Session = z
  .object({ user: User, permissions: z.array(z.string()), site: Site, version: z.string() })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;
export const PasswordChange = z
  .object({ current: z.string().min(1).max(256), next: z.string().min(12).max(256) })
  .meta({ id: 'PasswordChange' });
export type PasswordChange = z.infer<typeof PasswordChange>;
export const UserInput = z
  .object({ name: z.string().trim().min(2).max(64), password: z.string().min(12).max(256), role: Role })
  .meta({ id: 'UserInput' });
export type UserInput = z.infer<typeof UserInput>;
export const UserChange = z
  .object({ role: Role.optional(), disabled: z.boolean().optional(), password: z.string().min(12).max(256).optional() })
  .meta({ id: 'UserChange' });
export type UserChange = z.infer<typeof UserChange>;
export const AuditEntry = z
  .object({
    auditId: id,
    at: instant,
    userId: z.string().nullable(),
    userName: z.string().nullable(),
    action: z.string(),
    subject: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
    address: z.string().nullable(),
    hash: z.string().describe('SHA-256 over this row and the hash of the row before it'),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

const ChainHead = z.object({ auditId: z.int().min(0), hash: z.string().regex(/^[0-9a-fA-F]{64}$/) });
export const AuditCheck = z
  .object({
    rows: z.int(),
    head: ChainHead,
    fault: z
      .object({ kind: z.enum(['changed', 'cut_off', 'rewritten']), auditId: z.int() })
      .nullable()
      .describe(
        'changed: this row, or the order up to it; cut_off: rows after it are gone; rewritten: the noted head is not there',
      ),
  })
  .meta({ id: 'AuditCheck' });
export type AuditCheck = z.infer<typeof AuditCheck>;
