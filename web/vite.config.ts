import { defineConfig } from "vitest/config";

// The console is served from the server's root; MapLibre's worker must be an ES module of its own (worker-src 'self').
export default defineConfig({
  base: "/",
  publicDir: ".generated/public",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: {
    outDir: "../src/windhover/server/static",
    emptyOutDir: true,
    target: "es2022",
    sourcemap: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
  },
  server: {
    proxy: { "/api": { target: "http://127.0.0.1:8410", ws: true, changeOrigin: true } },
  },
  test: { include: ["test/**/*.test.ts"], environment: "node" },
});
