import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import vuetify from 'vite-plugin-vuetify';

const hub = process.env.LPR_DEV_HUB ?? 'http://127.0.0.1:3000';
// The hub takes changes from its own pages alone; in development they come through this server.
const headers = { origin: new URL(hub).origin };

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
      '/api': { target: hub, headers },
      '/health': { target: hub },
      '/editor': { target: hub, headers },
      '/socket.io': { target: hub, headers, ws: true },
    },
  },
});
