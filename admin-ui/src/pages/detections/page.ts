import { mdiCarSearchOutline } from '@mdi/js';
import type { Page } from '../../frame/pages.ts';

export const page: Page = {
  name: 'detections',
  path: '/detections',
  component: () => import('./DetectionsPage.vue'),
  permission: 'detections.view',
  nav: { icon: mdiCarSearchOutline, order: 20 },
  go: 'd',
};
