// Faults are provoked for minutes, by hand: `npm run faults:kill` and its siblings; models of full size
// are compiled by `npm run full-size`, archives built by `npm run portable:check`. They are no part of `npm test`, which runs a short version of
// the first.
import { defineConfig } from 'vitest/config'

/** The longest of them takes half of this on two cores. */
const LIMIT_MS = 60 * 60 * 1000
/** As in the configuration of the other tests. */
const POLL_MS = 30_000

export default defineConfig({
  test: {
    name: 'faults',
    include: ['test/{faults,full-size,conformance,portable}/**/*.test.ts'],
    reporters: ['default', './tools/summary-reporter.ts'],
    maxWorkers: 1,
    testTimeout: LIMIT_MS,
    hookTimeout: LIMIT_MS,
    expect: { poll: { timeout: POLL_MS } },
  },
})
