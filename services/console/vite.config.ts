import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { specRules } from './rules/spec-rules.js';

// Only what is needed is loaded: rooms and the wire drawer's rules are chunks of their own.
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), specRules()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // No data: URLs, which the Content-Security-Policy does not allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    target: 'es2022',
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
});
