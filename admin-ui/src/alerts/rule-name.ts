import { i18n } from '../i18n.ts';

/** The rule that a new install comes with, as migration 20261126-90 makes it. */
const FIRST = { ruleId: '00000000-0000-7000-8000-000000000001', name: 'Each hit' } as const;

/** As long as nobody renamed it, the first rule stands there in the reader's own words. */
export function ruleName<T extends string | null>(ruleId: string | null, name: T): T | string {
  return ruleId === FIRST.ruleId && name === FIRST.name ? i18n.global.t('alert.eachHit') : name;
}
