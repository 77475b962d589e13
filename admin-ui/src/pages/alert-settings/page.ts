import type { Page } from '../../frame/pages.ts';

/** Reached from Alerts: rules, channels, words, people, escalations and calendars. */
export const page: Page = {
  name: 'alert-settings',
  path: '/alerts/settings',
  component: () => import('./AlertSettingsPage.vue'),
  permission: 'alerts.manage',
};
