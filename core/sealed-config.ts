/** A plugin's configuration as it is stored: checked, with its secret fields sealed. */
import { parseConfig, type ConfigOf, type Fields } from './fields.ts';
import type { SecretBox } from './secrets.ts';

type Raw = Readonly<Record<string, unknown>>;

const isSecret = (fields: Fields, key: string): boolean => fields[key]?.kind === 'secret';

/** Whether a sealed text holds this value; one that no longer opens holds nothing. */
function opens(kept: string, value: string, box: SecretBox): boolean {
  try {
    return box.open(kept) === value;
  } catch {
    return false;
  }
}

/**
 * Checks what a form sent and seals its secrets. A secret that is absent, empty or as it was shown (`true`, `false`) keeps the
 * stored one.
 * @throws invalid_input with every fault, by field
 */
export function sealConfig(fields: Fields, raw: Raw, stored: Raw, box: SecretBox): Record<string, unknown> {
  const sealed = (key: string, value: string): string => {
    const kept = stored[key];
    // What did not change lies there as before: sealing again would look like a change.
    return typeof kept === 'string' && opens(kept, value, box) ? kept : box.seal(value);
  };
  return Object.fromEntries(
    Object.entries(openConfig(fields, raw, stored, box)).map(([key, value]) =>
      isSecret(fields, key) && typeof value === 'string' && value !== '' ? [key, sealed(key, value)] : [key, value],
    ),
  );
}

/** What a form sent, with secrets that it left out lent by the stored configuration. @throws invalid_input */
export function openConfig<F extends Fields>(fields: F, raw: Raw, stored: Raw, box: SecretBox): ConfigOf<F> {
  const merged = { ...raw };
  for (const key of Object.keys(fields)) {
    const kept = stored[key];
    const given = raw[key];
    // `true` and `false` are what it is shown as; a stored configuration handed in as it lies keeps its secrets too.
    const isLeftOut = given === undefined || given === '' || typeof given === 'boolean' || given === kept;
    if (isSecret(fields, key) && isLeftOut) merged[key] = typeof kept === 'string' && kept !== '' ? box.open(kept) : '';
  }
  return parseConfig(fields, merged);
}

/** As it may be shown: a secret that is set is `true`, one that is not is `false`. */
export function maskConfig(fields: Fields, stored: Raw): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(stored).map(([key, value]) => (isSecret(fields, key) ? [key, value !== ''] : [key, value])),
  );
}
