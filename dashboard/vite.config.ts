import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// `npm run dev -w dashboard` serves the page with hot reload beside a coordinator on its usual port.
const coordinator = process.env.HILLTOP_URL ?? 'http://localhost:7070';

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    sourcemap: false,
    // The page's policy is `default-src 'self'`: no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // src/link/zod-config.ts must run before the first schema is made, whatever chunk that lands in.
    rolldownOptions: { output: { strictExecutionOrder: true } },
  },
  server: {
    proxy: {
      '/api': coordinator,
      '/socket.io': { target: coordinator, ws: true },
    },
  },
});
