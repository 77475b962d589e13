import { mdiMapOutline } from '@mdi/js';
import type { Page } from '../../frame/pages.ts';

export const page: Page = {
  name: 'map',
  path: '/map',
  component: () => import('./MapPage.vue'),
  permission: 'cameras.view',
  nav: { icon: mdiMapOutline, order: 40 },
  go: 'm',
};
