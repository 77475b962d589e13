import { ref, watch } from 'vue';
import { vuetify } from './vuetify.ts';

export const THEME_CHOICES = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];

export const DENSITIES = ['comfortable', 'compact'] as const;
export type Density = (typeof DENSITIES)[number];

const STORED = 'lpr.theme';
const STORED_DENSITY = 'lpr.density';
const system = matchMedia('(prefers-color-scheme: dark)');

/** What the person chose; `system` follows the machine. */
export const themeChoice = ref<ThemeChoice>(
  THEME_CHOICES.find((choice) => choice === localStorage.getItem(STORED)) ?? 'system',
);

export const density = ref<Density>(
  DENSITIES.find((choice) => choice === localStorage.getItem(STORED_DENSITY)) ?? 'comfortable',
);

function apply(): void {
  const wanted = themeChoice.value === 'system' ? (system.matches ? 'dark' : 'light') : themeChoice.value;
  void vuetify.theme.change(wanted);
  document.documentElement.style.colorScheme = wanted;
}

export function startTheme(): void {
  system.addEventListener('change', apply);
  watch(
    themeChoice,
    (choice) => {
      localStorage.setItem(STORED, choice);
      apply();
    },
    { immediate: true },
  );
  watch(
    density,
    (choice) => {
      localStorage.setItem(STORED_DENSITY, choice);
      document.documentElement.dataset.density = choice;
    },
    { immediate: true },
  );
}
