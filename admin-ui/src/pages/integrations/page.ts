import { mdiLanConnect } from '@mdi/js';
import type { Page } from '../../frame/pages.ts';

export const page: Page = {
  name: 'integrations',
  path: '/integrations',
  component: () => import('./IntegrationsPage.vue'),
  permission: 'cameras.view',
  nav: { icon: mdiLanConnect, order: 52 },
  go: 'i',
};
