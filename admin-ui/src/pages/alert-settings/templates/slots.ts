/** Which words: a kind of notice, a language, a channel's plugin or all; as the address names it. */
import type { Template } from '../../../api/contract.ts';

export const KINDS = ['alert', 'escalation', 'retraction', 'digest', 'budget', 'taken', 'test'] as const;
export type Slot = Pick<Template, 'kind' | 'language' | 'plugin'>;

export const slotKey = ({ kind, language, plugin }: Slot): string =>
  [kind, language, ...(plugin === null ? [] : [plugin])].join(':');

export function slotOf(key: string): Slot | null {
  const [kindText, languageText, plugin] = key.split(':');
  const kind = KINDS.find((one) => one === kindText);
  const language = (['th', 'en'] as const).find((one) => one === languageText);
  return kind === undefined || language === undefined ? null : { kind, language, plugin: plugin ?? null };
}
