// One configuration for every kind of test; `npx vitest run --project unit` picks one.
//
// unit      beside the source (src, web/src, tools) and what tests rest on (test/support): no network,
//           no built output
// contract  test/contract: what each client was promised, over the HTTP surfaces
// golden    test/golden: numbers against the reference implementation
// e2e       test/e2e and test/clients: the built program, real sockets, real processes
// browser   test/browser: the built web page in Chromium, where there is one
import { defineConfig } from 'vitest/config'

/** A captioning run on a busy two-core machine takes seconds, never minutes. */
const SLOW_TEST_MS = 120_000
/** A poll ends as soon as it succeeds; Vitest's own second is too short for a machine with other work. */
const POLL_MS = 30_000

export default defineConfig({
  test: {
    reporters: ['default', './tools/summary-reporter.ts'],
    // Golden and end-to-end tests run ONNX Runtime on every core; more workers only contend.
    maxWorkers: 2,
    testTimeout: SLOW_TEST_MS,
    hookTimeout: SLOW_TEST_MS,
    expect: { poll: { timeout: POLL_MS } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{src,web/src,tools}/**/*.test.ts', 'test/{docs,support}/**/*.test.ts'],
        },
      },
      { extends: true, test: { name: 'contract', include: ['test/contract/**/*.test.ts'] } },
      { extends: true, test: { name: 'golden', include: ['test/golden/**/*.test.ts'] } },
      { extends: true, test: { name: 'browser', include: ['test/browser/**/*.test.ts'] } },
      {
        extends: true,
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts', 'test/clients/**/*.test.ts'] },
      },
    ],
  },
})
