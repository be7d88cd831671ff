// Ends a test run with one plain line, `N passed, N failed, N skipped`, that scripts can read.
import type { Reporter, TestModule } from 'vitest/node'

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') count.passed += 1
        else if (state === 'failed') count.failed += 1
        else count.skipped += 1
      }
      // A module that fails to load has errors of its own and may hold no test at all.
      if (module.errors().length > 0) count.failed += 1
    }
    count.failed += unhandledErrors.length
    // The default reporter prints its own summary in the same turn; ours must be the last line.
    setImmediate(() => {
      console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
    })
  }
}
