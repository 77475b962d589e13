import type { Page } from '../../frame/pages.ts';

export const page: Page = {
  name: 'upload',
  path: '/upload',
  component: () => import('./UploadPage.vue'),
  permission: 'frames.upload',
  go: 'u',
};
