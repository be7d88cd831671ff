#!/usr/bin/env node
// The command line: reads arguments and environment, prints, sets the exit code. Nothing below this
// folder touches process.argv, process.env or the terminal.
import { keepThreadPoolAwake } from '../base/thread-pool.ts'
import { createProgram } from './program.ts'
import { reportFailure } from './report.ts'

/** Time for what is still open, a connection above all, to end by itself after a failure. */
const FAREWELL_MS = 5_000

keepThreadPoolAwake()
// What is said to people there stops nothing when it cannot be written: a full disk, a closed terminal.
process.stderr.on('error', () => undefined)
try {
  await createProgram().parseAsync()
} catch (error) {
  reportFailure(error)
  process.exitCode = 1
  // Does not keep the process alive: it ends one that something else keeps alive.
  setTimeout(() => process.exit(), FAREWELL_MS).unref()
}
