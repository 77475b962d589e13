import { mdiTarget } from '@mdi/js';
import type { Page } from '../../frame/pages.ts';

export const page: Page = {
  name: 'hits',
  path: '/hits',
  component: () => import('./HitsPage.vue'),
  permission: 'blacklists.view',
  nav: { icon: mdiTarget, order: 32 },
  go: 'h',
};
