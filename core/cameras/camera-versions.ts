/** A camera's configuration over time: who changed what, when; what differs; what it was. */
import { isDeepStrictEqual } from 'node:util';
import type { Fields } from '../fields.ts';
import type { CameraInput } from './cameras.ts';

/** Who changes something, and why. */
export interface Author {
  /** Null: the hub itself. */
  readonly userId: string | null;
  readonly note?: string | null;
}
export const THE_HUB: Author = { userId: null };

export type VersionAction = 'created' | 'changed' | 'removed' | 'restored';

/** The whole configuration; `config` with sealed secrets. */
export type CameraContent = Required<CameraInput>;

/** One field that differs. Of a secret only whether it was set is told. */
export interface CameraDifference {
  /** Dotted: `name`, `config.url`, `reading.engine`, `desired.interval`. */
  readonly field: string;
  readonly isSecret: boolean;
  /** Null: not there. */
  readonly before: unknown;
  readonly after: unknown;
}

export interface CameraVersion {
  readonly versionId: string;
  /** Counts from 1 for each camera. */
  readonly version: number;
  readonly at: Date;
  /** Null: the hub itself. */
  readonly by: string | null;
  readonly action: VersionAction;
  readonly note: string | null;
  /** From the version before; of the first version: everything that it set. */
  readonly differences: readonly CameraDifference[];
}

const PLAIN = ['name', 'protocol', 'enabled', 'checkpointId', 'latitude', 'longitude', 'heading', 'lanes'] as const;
const GROUPED = ['config', 'reading', 'desired'] as const;

/** As the secret box makes them: a secret stays one when the plugin that declared it is gone. */
const looksSealed = (value: unknown): boolean => typeof value === 'string' && /^v1\.[\w-]{38,}$/.test(value);
const isSecretKey = (fields: Fields, key: string, ...values: unknown[]): boolean =>
  fields[key]?.kind === 'secret' || values.some(looksSealed);
const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** By field, in a steady order. @param before null: everything is new */
export function differencesBetween(
  before: CameraContent | null,
  after: CameraContent,
  fieldsOf: (protocol: string) => Fields,
): readonly CameraDifference[] {
  const differences: CameraDifference[] = [];
  const compare = (field: string, a: unknown, b: unknown, isSecret: boolean): void => {
    if (isDeepStrictEqual(a, b) || (isNothing(a) && isNothing(b))) return;
    const told = (value: unknown): unknown => (isSecret ? !isNothing(value) : (value ?? null));
    differences.push({ field, isSecret, before: told(a), after: told(b) });
  };
  for (const key of PLAIN) compare(key, before?.[key], after[key], false);
  const fields = { ...fieldsOf(before?.protocol ?? after.protocol), ...fieldsOf(after.protocol) };
  // As the form has them, then by name: the database keeps no order of keys.
  const declared = Object.keys(fields);
  const rank = (key: string): number => (declared.includes(key) ? declared.indexOf(key) : declared.length);
  const inOrder = (x: string, y: string): number => rank(x) - rank(y) || x.localeCompare(y);
  for (const group of GROUPED) {
    const [a, b] = [before?.[group] ?? {}, after[group]] as Record<string, unknown>[];
    for (const key of [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])].sort(inOrder)) {
      const isSecret = group === 'config' && isSecretKey(fields, key, a?.[key], b?.[key]);
      compare(`${group}.${key}`, a?.[key], b?.[key], isSecret);
    }
  }
  return differences;
}
