import '@fontsource/sarabun/latin-400.css';
import '@fontsource/sarabun/latin-500.css';
import '@fontsource/sarabun/latin-600.css';
import '@fontsource/sarabun/thai-400.css';
import '@fontsource/sarabun/thai-500.css';
import '@fontsource/sarabun/thai-600.css';
import 'vuetify/styles/core';
import './styles/tokens.css';
import './styles/base.css';
import './styles/print.css';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import { whenSignedOut } from './api/client.ts';
import App from './App.vue';
import { router } from './frame/router.ts';
import { i18n, preferredLocale, useLocale } from './i18n.ts';
import { useSession } from './session/session.ts';
import { startTheme } from './theme.ts';
import { vuetify } from './vuetify.ts';

await useLocale(preferredLocale());
const app = createApp(App).use(createPinia()).use(i18n).use(vuetify);
startTheme();

whenSignedOut(() => {
  const session = useSession();
  if (!session.isSignedIn) return;
  session.forget();
  const here = router.currentRoute.value;
  void router.push({ name: 'sign-in', query: { next: here.fullPath, ended: '1' } });
});

app.use(router).mount('#app');
