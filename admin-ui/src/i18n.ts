import { createI18n } from 'vue-i18n';

export const LOCALES = ['en-US', 'th'] as const;
export type Locale = (typeof LOCALES)[number];

type Words = Record<string, unknown>;

// One chunk a language: the shared words, those of every page, and Vuetify's own.
const catalogues: Readonly<Record<Locale, () => Promise<{ default: Words }>>> = {
  'en-US': () => import('./locales/en-US.ts'),
  th: () => import('./locales/th.ts'),
};

export const i18n = createI18n<[Words], Locale, false>({
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- version 11 still starts in its old mode without it
  legacy: false,
  locale: 'en-US',
  fallbackLocale: false,
  messages: {} as Record<Locale, Words>,
});

const STORED = 'lpr.locale';

/** The language chosen in this browser before, else Thai where the browser or the site speaks it. */
export function preferredLocale(site: 'th' | 'en' | null = null): Locale {
  const chosen = localStorage.getItem(STORED);
  if (chosen !== null) return LOCALES.find((locale) => locale === chosen) ?? 'en-US';
  if (site === 'th') return 'th';
  return navigator.languages.some((language) => language.startsWith('th')) ? 'th' : 'en-US';
}

export async function useLocale(locale: Locale): Promise<void> {
  const { default: words } = await catalogues[locale]();
  i18n.global.setLocaleMessage(locale, words);
  i18n.global.locale.value = locale;
  document.documentElement.lang = locale;
}

/** Chosen by a person: remembered in this browser. */
export async function chooseLocale(locale: Locale): Promise<void> {
  localStorage.setItem(STORED, locale);
  await useLocale(locale);
}
