import { mdiPlaylistCheck } from '@mdi/js';
import type { Page } from '../../frame/pages.ts';

export const page: Page = {
  name: 'blacklists',
  path: '/blacklists',
  component: () => import('./BlacklistsPage.vue'),
  permission: 'blacklists.view',
  nav: { icon: mdiPlaylistCheck, order: 30 },
  go: 'b',
};
