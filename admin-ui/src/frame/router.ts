import { createRouter, createWebHistory, type RouteLocationRaw } from 'vue-router';
import { call } from '../api/client.ts';
import { i18n } from '../i18n.ts';
import { useSession } from '../session/session.ts';
import { pages } from './pages.ts';

export const router = createRouter({
  history: createWebHistory(),
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- what follows it is still experimental
  scrollBehavior: (to, from, saved) => saved ?? (to.name === from.name ? undefined : { top: 0 }),
  routes: [
    ...pages.map((page) => ({
      name: page.name,
      path: page.path,
      component: page.component,
      meta: { permission: page.permission, isBare: page.isBare === true, words: page.name },
    })),
    { path: '/', redirect: () => home() },
    {
      path: '/:rest(.*)*',
      name: 'nowhere',
      component: () => import('../states/NowherePage.vue'),
      meta: { permission: null, isBare: false, words: null },
    },
  ],
});

/** The first page of the rail that this person may see. */
export function home(): RouteLocationRaw {
  const session = useSession();
  return { name: pages.find((page) => page.nav !== undefined && session.may(page.permission))?.name ?? 'nowhere' };
}

router.beforeEach(async (to) => {
  const session = useSession();
  // A hub that cannot be asked is told by the shell; the page then says so by itself.
  if (!session.isKnown) await session.load().catch(() => undefined);
  if (session.isSignedIn) return to.meta.isBare === true ? home() : true;
  if (!session.isKnown) return true;
  const setup = await call('GET /setup').catch(() => ({ needed: false }));
  if (setup.needed) return to.name === 'set-up' ? true : { name: 'set-up' };
  if (to.name === 'sign-in') return true;
  return { name: 'sign-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } };
});

router.afterEach((to) => {
  const words = to.meta.words as string | null | undefined;
  const site = useSession().site?.name;
  const title = typeof words === 'string' ? i18n.global.t(`page.${words}.title`) : null;
  document.title = [title, site ?? 'LPR Hub'].filter((part) => part !== null).join(' · ');
});

/** Where to go after signing in: back to where one was, never to another site. */
export function nextOf(query: unknown): string {
  return typeof query === 'string' && /^\/(?![/\\])/.test(query) ? query : '/';
}
