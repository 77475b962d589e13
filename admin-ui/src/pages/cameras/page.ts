import { mdiVideoOutline } from '@mdi/js';
import type { Page } from '../../frame/pages.ts';

export const page: Page = {
  name: 'cameras',
  path: '/cameras',
  component: () => import('./CamerasPage.vue'),
  permission: 'cameras.view',
  nav: { icon: mdiVideoOutline, order: 50 },
  go: 'c',
};
