/** An action of the trail in words: some have words of their own, the others are put together from what was done to what. */
type Translate = (key: string, values?: Record<string, unknown>) => string;

export function actionWords(action: string, t: Translate, te: (key: string) => boolean): string {
  const own = `page.audit.only.${action.replace('.', '-')}`;
  if (te(own)) return t(own);
  const [noun = '', verb = ''] = action.split('.');
  const [nounKey, verbKey] = [`page.audit.noun.${noun}`, `page.audit.verb.${verb}`];
  return te(nounKey) && te(verbKey) ? t('page.audit.said', { verb: t(verbKey), noun: t(nounKey) }) : action;
}

/** Where the console shows what an action was about; null where it has no page of its own. */
export function pageOf(
  action: string,
  subject: string | null,
): { name: string; params?: object; query?: object } | null {
  if (subject === null) return null;
  switch (action.split('.')[0]) {
    case 'detection':
      return { name: 'detection', params: { id: subject } };
    case 'camera':
    case 'ingest_key':
      return { name: 'cameras', query: { open: subject } };
    default:
      return null;
  }
}
