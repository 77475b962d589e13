import { useI18n } from 'vue-i18n';

/** What happened, in the reader's language; a code that has no words here is told as the hub says it. */
export function useProblemWhat(): (problem: { readonly code: string; readonly message: string }) => string {
  const i18n = useI18n();
  return ({ code, message }) => (i18n.te(`error.${code}.what`) ? i18n.t(`error.${code}.what`) : message);
}
