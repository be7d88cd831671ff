// Builds the page into dist/web, from where the server serves it; `npm run dev:page` serves it while
// it is changed, with a FloCap on the usual port behind it.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** The server's page, and that of `flocap review`. */
const PAGES = ['index.html', 'review.html'].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
)

const FLOCAP = 'http://127.0.0.1:5000'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative, so that the page works below a path of a proxy too.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/web',
    rolldownOptions: { input: PAGES },
    emptyOutDir: true,
    // Inlined files would be data: URLs, which the content security policy forbids.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/ready', '/samples', '/samples.json'].map((path) => [path, FLOCAP]),
    ),
  },
})
