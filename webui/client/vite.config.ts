import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const api = process.env.PLUMBLINE_SERVER ?? "http://127.0.0.1:8765";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: {
    alias: {
      "@": fileURLToPath(new URL("./src", import.meta.url)),
      // the 3D viewer is that of the pages which the terminal writes; it takes three from here
      "@viewer": fileURLToPath(new URL("../../agent/cli/viewer", import.meta.url)),
    },
    dedupe: ["three"],
  },
  build: { outDir: "../static", emptyOutDir: true, chunkSizeWarningLimit: 1500, modulePreload: { polyfill: false } },
  server: { proxy: { "/api": api } },
  // a busy machine may take long for what takes no time
  test: { environment: "jsdom", include: ["tests/**/*.test.{ts,tsx}"], testTimeout: 60_000, hookTimeout: 60_000 },
});
