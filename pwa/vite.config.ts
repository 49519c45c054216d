import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

/** Where the hub answers during development. */
const HUB = 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [
    preact(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'sw.ts',
      // The app registers the worker itself: the operator decides when a new version takes over.
      injectRegister: false,
      injectManifest: {
        // An ES module worker ends in an `export` statement that registration refuses.
        rollupFormat: 'iife',
        globPatterns: ['**/*.{html,js,css,svg}'],
      },
      manifest: {
        id: '/',
        name: 'Palang',
        short_name: 'Palang',
        description: 'Layar operator sistem parkir tanpa penjaga',
        lang: 'id',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        background_color: '#e4e7e9',
        theme_color: '#1c262e',
        icons: [
          { src: '/icons/192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icons/512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icons/maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
      },
    }),
  ],
  resolve: { dedupe: ['preact', '@preact/signals'] },
  build: {
    target: ['chrome111', 'safari16.4', 'firefox115'],
    sourcemap: true,
    // The polyfill is an inline script, which the hub's content security policy refuses.
    modulePreload: { polyfill: false },
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: { '/api': HUB, '/ws': { target: HUB, ws: true } },
  },
});
