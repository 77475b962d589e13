import type { Page } from '../../frame/pages.ts';

export const page: Page = {
  name: 'sign-in',
  path: '/sign-in',
  component: () => import('./SignInPage.vue'),
  permission: null,
  isBare: true,
};
