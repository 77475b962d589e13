import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import vuetify from 'vite-plugin-vuetify';

const hub = process.env.LPR_DEV_HUB ?? 'http://127.0.0.1:3000';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [vue(), vuetify({ autoImport: true })],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // The hub's content security policy allows fonts and pictures from itself alone, so nothing is inlined as a data: address.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: {
      '/api': hub,
      '/health': hub,
      '/editor': hub,
      '/socket.io': { target: hub, ws: true },
    },
  },
});
