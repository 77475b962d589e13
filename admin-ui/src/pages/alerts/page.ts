import { mdiBellRingOutline } from '@mdi/js';
import type { Page } from '../../frame/pages.ts';

export const page: Page = {
  name: 'alerts',
  path: '/alerts',
  component: () => import('./AlertsPage.vue'),
  permission: 'alerts.view',
  nav: { icon: mdiBellRingOutline, order: 40 },
  go: 'a',
};
