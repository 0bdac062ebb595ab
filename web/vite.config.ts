import { defineConfig } from "vite";

// The service answers everything else; `npm run dev` passes it on to one that runs.
const service = "http://127.0.0.1:8000";

export default defineConfig({
  // Relative, so that the page also works behind a proxy's prefix.
  base: "./",
  // Put in by service/page.py, a new one for every answer.
  html: { cspNonce: "CSP_NONCE" },
  build: {
    outDir: "../service/page_files",
    emptyOutDir: true,
    target: "es2022",
    // An inlined asset would be a data: address, which the Content-Security-Policy forbids.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "assets/licences.md" },
  },
  server: {
    proxy: Object.fromEntries(
      ["/match", "/types", "/stems", "/version", "/docs", "/openapi.json"].map((path) => [path, service]),
    ),
  },
});
