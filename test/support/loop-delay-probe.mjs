// Loaded into a process under test (`--import`): for how long one turn of its event loop computed, since it
// was asked before, in milliseconds, for loop-delay.ts.
//
// A machine that is busy with others stretches every turn on the clock, so what counts is the time that this
// thread has spent on a core; only Linux tells.
import { existsSync, readFileSync } from 'node:fs'
import { createHistogram } from 'node:perf_hooks'
import { writeAtSignal } from './probe-writer.mjs'

const SCHEDULE = '/proc/thread-self/schedstat'
/** Between two looks; what a turn takes is seen whole by the look behind it. */
const LOOK_MS = 2

const isLinux = existsSync(SCHEDULE)
const now = () =>
  isLinux
    ? Number(readFileSync(SCHEDULE, 'utf8').split(' ', 1)[0])
    : Math.round(performance.now() * 1e6)

const turns = createHistogram()
let last = now()
setInterval(() => {
  const at = now()
  turns.record(Math.max(1, at - last))
  last = at
}, LOOK_MS).unref()

writeAtSignal(process.env['FLOCAP_LOOP_DELAY'], () => {
  const figures = { mostMs: turns.percentile(99.9) / 1e6, longestMs: turns.max / 1e6 }
  turns.reset()
  return figures
})
