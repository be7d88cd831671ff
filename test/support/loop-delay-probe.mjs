// Loaded into a process under test (`--import`): at SIGUSR2 it writes how long the event loop stood
// still since the last time, in milliseconds, to the file of loop-delay.ts.
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const delays = monitorEventLoopDelay({ resolution: 1 })
delays.enable()
let written = 0

process.on('SIGUSR2', () => {
  written += 1
  const file = join(process.env['FLOCAP_LOOP_DELAY'], `${process.pid}.json`)
  const figures = { written, mostMs: delays.percentile(99.9) / 1e6, longestMs: delays.max / 1e6 }
  writeFileSync(`${file}.part`, JSON.stringify(figures))
  renameSync(`${file}.part`, file)
  delays.reset()
})
