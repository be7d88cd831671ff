// One configuration for every kind of test; `npx vitest run --project unit` picks one.
//
// unit      beside the source (src, web/src): no network, no built output
// contract  test/contract: what each client was promised, over the HTTP surfaces
// golden    test/golden: numbers against the reference implementation
// e2e       test/e2e and test/clients: the built program, real sockets, real processes
// browser   test/browser: the built web page in Chromium, where there is one
import { defineConfig } from 'vitest/config'

/** A captioning run on a busy two-core machine takes seconds, never minutes. */
const SLOW_TEST_MS = 120_000

export default defineConfig({
  test: {
    reporters: ['default', './tools/summary-reporter.ts'],
    // Golden and end-to-end tests run ONNX Runtime on every core; more workers only contend.
    maxWorkers: 2,
    testTimeout: SLOW_TEST_MS,
    hookTimeout: SLOW_TEST_MS,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['{src,web/src}/**/*.test.ts', 'test/docs/**/*.test.ts'] },
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
