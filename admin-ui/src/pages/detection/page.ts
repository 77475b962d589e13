import type { Page } from '../../frame/pages.ts';

export const page: Page = {
  name: 'detection',
  path: '/detections/:id',
  component: () => import('./DetectionPage.vue'),
  permission: 'detections.view',
};
