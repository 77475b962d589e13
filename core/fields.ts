/**
 * Configuration declared once, as data. The node editor's form, the console's form, the coerced config and its TypeScript
 * type, validation and defaults all come from a `Fields` record. Labels and help live in the owner's word catalogues
 * under `field.<key>.label` and `field.<key>.help`; choices under `field.<key>.option.<value>`.
 */
import { LprError, type FieldProblem } from './errors.ts';

export interface Field<T> {
  readonly kind: 'text' | 'number' | 'flag' | 'choice' | 'secret' | 'url' | 'path' | 'ref';
  readonly default: T;
  readonly required: boolean;
  readonly min?: number;
  readonly max?: number;
  /** `number`: shown behind the input; a symbol, not a word. */
  readonly unit?: string;
  /** `choice`: the values. `ref`: the hub's list that they come from. `url`: the schemes. */
  readonly options?: readonly string[];
}

export type Fields = Readonly<Record<string, Field<string> | Field<number> | Field<boolean>>>;
export type ConfigOf<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };
export type RefSource =
  'cameras' | 'engines' | 'blacklists' | 'geofences' | 'alertChannels' | 'escalations' | 'connectors';

interface TextOptions {
  readonly default?: string;
  readonly required?: boolean;
}

const textual =
  (kind: Field<string>['kind']) =>
  ({ default: value = '', required = false }: TextOptions = {}): Field<string> => ({ kind, default: value, required });

export const text = textual('text');
/** Stored encrypted, never sent back to a browser. */
export const secret = textual('secret');
/** An absolute address, of http or https where no schemes are given. It never holds an account: addresses are shown. */
export const url = ({
  schemes = ['http', 'https'],
  ...more
}: TextOptions & { readonly schemes?: readonly string[] } = {}): Field<string> => ({
  ...textual('url')(more),
  options: schemes,
});
/** A folder or file on the hub's machine. */
export const path = textual('path');

export const flag = (value = false): Field<boolean> => ({ kind: 'flag', default: value, required: false });

export const number = (range: {
  readonly default: number;
  readonly min?: number;
  readonly max?: number;
  readonly unit?: string;
}): Field<number> => ({ kind: 'number', required: true, ...range });

export const choice = <const O extends readonly string[]>(options: O, value: O[number]): Field<O[number]> => ({
  kind: 'choice',
  options,
  default: value,
  required: true,
});

/** Picks one of the hub's own things by id; forms list them from the API. Empty means the hub's default or any. */
export const ref = (source: RefSource, required = false): Field<string> => ({
  kind: 'ref',
  default: '',
  required,
  options: [source],
});

function coerce(key: string, field: Field<unknown>, raw: unknown, problems: FieldProblem[]): unknown {
  const complain = (problem: string): unknown => {
    problems.push({ field: key, problem });
    return field.default;
  };
  const missing = raw === undefined || raw === null || raw === '';
  if (missing) {
    return field.required && (field.default === '' || field.default === undefined)
      ? complain('is required')
      : field.default;
  }
  switch (field.kind) {
    case 'number': {
      // Node-RED's editor stores numbers as text.
      const value = typeof raw === 'number' ? raw : typeof raw === 'string' ? Number(raw) : NaN;
      if (!Number.isFinite(value)) return complain('must be a number');
      if (field.min !== undefined && value < field.min) return complain(`must be at least ${field.min}`);
      if (field.max !== undefined && value > field.max) return complain(`must be at most ${field.max}`);
      return value;
    }
    case 'flag':
      if (raw === true || raw === 'true') return true;
      return raw === false || raw === 'false' ? false : complain('must be true or false');
    case 'choice':
      return typeof raw === 'string' && field.options?.includes(raw)
        ? raw
        : complain(`must be one of ${field.options?.join(', ') ?? ''}`);
    case 'url': {
      const value = typeof raw === 'string' && URL.canParse(raw) ? new URL(raw) : null;
      const schemes = field.options ?? [];
      if (value === null || value.host === '' || !schemes.includes(value.protocol.slice(0, -1))) {
        return complain(`must be an ${schemes.map((scheme) => `${scheme}://`).join(' or ')} address`);
      }
      return value.username === '' && value.password === ''
        ? raw
        : complain('must hold no user name and password: enter them in their own fields');
    }
    default:
      return typeof raw === 'string' ? raw : complain('must be text');
  }
}

/**
 * Coerces what a form or an API client sent.
 * @throws LprError `invalid_input` with every fault, by field.
 */
export function parseConfig<F extends Fields>(fields: F, raw: Readonly<Record<string, unknown>>): ConfigOf<F> {
  const problems: FieldProblem[] = [];
  const config = Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [key, coerce(key, field, raw[key], problems)]),
  );
  if (problems.length > 0) {
    const all = problems.map((p) => `${p.field} ${p.problem}`).join('; ');
    throw new LprError('invalid_input', `The configuration cannot be used: ${all}.`, { problems });
  }
  return config as ConfigOf<F>;
}
