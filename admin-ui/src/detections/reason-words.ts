/** Why a text was understood as it was: the hub gives `kind:value`; people get a sentence. */

export interface ReasonWord {
  /** Translation key; null where the console does not know the reason and shows it as it came. */
  readonly key: string | null;
  readonly value: string;
}

const WHOLE = new Set([
  'class:colour',
  'class:first_letter',
  'class:format',
  'class:number',
  'country:expected',
  'country:unexpected',
  'letter:rare',
  'confidence:low',
  'grammar:chose',
  'province:unsure',
  'read:too_unsure',
]);

export function reasonWords(reasons: readonly string[]): readonly ReasonWord[] {
  return reasons.map((reason) => {
    const [kind = '', ...rest] = reason.split(':');
    const value = rest.join(':');
    if (kind === 'format') return { key: 'reason.format', value };
    if (WHOLE.has(reason)) return { key: `reason.${kind}_${value}`, value };
    return { key: null, value: reason };
  });
}

export interface MergeWord extends ReasonWord {
  /** So many of all. */
  readonly of: string;
  readonly all: string;
}

const MERGED = new Set(['voted', 'province_voted', 'folded', 'track', 'place', 'parked', 'late', 'final', 'merged']);

/** Why reads are one detection: the hub gives `kind`, `kind:number` or `kind:some/all`. */
export function mergeWords(reasons: readonly string[]): readonly MergeWord[] {
  return reasons.map((reason) => {
    const [kind = '', value = ''] = reason.split(':');
    const [of = '', all = ''] = value.split('/');
    return { key: MERGED.has(kind) ? `merged.${kind}` : null, value: reason, of, all };
  });
}
