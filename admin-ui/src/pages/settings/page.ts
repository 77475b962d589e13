import { mdiCogOutline } from '@mdi/js';
import type { Page } from '../../frame/pages.ts';

export const page: Page = {
  name: 'settings',
  path: '/settings',
  component: () => import('./SettingsPage.vue'),
  permission: null,
  nav: { icon: mdiCogOutline, order: 90 },
  go: 's',
};
