import { mdiCctv } from '@mdi/js';
import type { Page } from '../../frame/pages.ts';

export const page: Page = {
  name: 'live',
  path: '/live',
  component: () => import('./LivePage.vue'),
  permission: 'detections.view',
  nav: { icon: mdiCctv, order: 10 },
  go: 'l',
};
