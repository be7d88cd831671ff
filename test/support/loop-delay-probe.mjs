// Loaded into a process under test (`--import`): how long its event loop stood still since it was asked
// before, in milliseconds, for loop-delay.ts.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { writeAtSignal } from './probe-writer.mjs'

const delays = monitorEventLoopDelay({ resolution: 1 })
delays.enable()

writeAtSignal(process.env['FLOCAP_LOOP_DELAY'], () => {
  const figures = { mostMs: delays.percentile(99.9) / 1e6, longestMs: delays.max / 1e6 }
  delays.reset()
  return figures
})
