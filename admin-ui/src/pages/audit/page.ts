import { mdiShieldSearch } from '@mdi/js';
import type { Page } from '../../frame/pages.ts';

export const page: Page = {
  name: 'audit',
  path: '/audit',
  component: () => import('./AuditPage.vue'),
  permission: 'audit.view',
  nav: { icon: mdiShieldSearch, order: 80 },
  go: 'u',
};
