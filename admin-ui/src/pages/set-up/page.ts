import type { Page } from '../../frame/pages.ts';

export const page: Page = {
  name: 'set-up',
  path: '/set-up',
  component: () => import('./SetUpPage.vue'),
  permission: null,
  isBare: true,
};
