import { createVuetify, type ThemeDefinition } from 'vuetify';
import { aliases, mdi } from 'vuetify/iconsets/mdi-svg';
import { createVueI18nAdapter } from 'vuetify/locale/adapters/vue-i18n';
import { useI18n } from 'vue-i18n';
import { i18n } from './i18n.ts';

/**
 * Quiet neutral surfaces and one accent, deep teal. The other colours mean something and appear only where they do:
 * stolen, wanted, vip, expired, own; success, warning, error. All reach a contrast of 4.5:1 on their surface.
 */
const light: ThemeDefinition = {
  dark: false,
  colors: {
    background: '#f3f5f5',
    surface: '#ffffff',
    'surface-light': '#f8f9f9',
    'surface-variant': '#39484b',
    'on-surface-variant': '#eef3f3',
    sunken: '#e8ecec',
    line: '#dbe1e1',
    quiet: '#576669',
    primary: '#0e6a6a',
    'primary-soft': '#dcedeb',
    'on-primary-soft': '#0a4f4f',
    secondary: '#45575b',
    success: '#1d7044',
    warning: '#8a5a00',
    error: '#b3261e',
    info: '#0e6a6a',
    stolen: '#b9202b',
    wanted: '#b04a08',
    vip: '#6a3fb5',
    expired: '#855d00',
    own: '#45575b',
    'on-background': '#172124',
    'on-surface': '#172124',
  },
  variables: {
    'border-color': '#172124',
    'border-opacity': 0.13,
    'high-emphasis-opacity': 1,
    'medium-emphasis-opacity': 0.74,
    'disabled-opacity': 0.42,
    'hover-opacity': 0.05,
    'focus-opacity': 0.08,
    'overlay-background': '#0b1214',
  },
};

const dark: ThemeDefinition = {
  dark: true,
  colors: {
    background: '#0f1416',
    surface: '#171d20',
    'surface-light': '#1d2528',
    'surface-bright': '#dfe7e7',
    'surface-variant': '#d5dddd',
    'on-surface-variant': '#1b2427',
    sunken: '#0b0f11',
    line: '#2a3437',
    quiet: '#9aaaac',
    primary: '#63c5be',
    'on-primary': '#06282a',
    'primary-soft': '#143537',
    'on-primary-soft': '#a8e2dc',
    secondary: '#a9b9bc',
    success: '#74cf9c',
    warning: '#e8b95c',
    error: '#ff8f85',
    'on-error': '#3a0906',
    info: '#63c5be',
    stolen: '#ff8d88',
    wanted: '#ffa266',
    vip: '#bfa3ff',
    expired: '#e6c060',
    own: '#a9b9bc',
    'on-background': '#e4eaea',
    'on-surface': '#e4eaea',
  },
  variables: {
    'border-color': '#e4eaea',
    'border-opacity': 0.14,
    'high-emphasis-opacity': 1,
    'medium-emphasis-opacity': 0.76,
    'disabled-opacity': 0.42,
    'hover-opacity': 0.06,
    'focus-opacity': 0.1,
    'overlay-background': '#000000',
  },
};

export const vuetify = createVuetify({
  theme: { defaultTheme: 'light', themes: { light, dark } },
  icons: { defaultSet: 'mdi', aliases, sets: { mdi } },
  locale: { adapter: createVueI18nAdapter({ i18n: i18n as never, useI18n }) },
  display: { mobileBreakpoint: 'sm', thresholds: { xs: 0, sm: 600, md: 960, lg: 1280, xl: 1720, xxl: 2400 } },
  defaults: {
    VBtn: { variant: 'text', ripple: false, rounded: 'lg' },
    VCard: { flat: true, border: true, rounded: 'lg' },
    VTextField: { variant: 'outlined', density: 'comfortable', color: 'primary', hideDetails: 'auto' },
    VTextarea: { variant: 'outlined', density: 'comfortable', color: 'primary', hideDetails: 'auto' },
    VSelect: { variant: 'outlined', density: 'comfortable', color: 'primary', hideDetails: 'auto' },
    VAutocomplete: { variant: 'outlined', density: 'comfortable', color: 'primary', hideDetails: 'auto' },
    VCheckbox: { density: 'comfortable', color: 'primary', hideDetails: 'auto' },
    VSwitch: { density: 'comfortable', color: 'primary', hideDetails: 'auto', inset: true },
    VSlider: { color: 'primary', hideDetails: true, thumbSize: 14, trackSize: 3 },
    VMenu: { offset: 6 },
    VTooltip: { openDelay: 350, location: 'bottom' },
    VChip: { size: 'small', rounded: 'md' },
    VList: { density: 'comfortable' },
    VAlert: { variant: 'tonal', density: 'comfortable', rounded: 'lg' },
  },
});
