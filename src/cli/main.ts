#!/usr/bin/env node
// The command line: reads arguments and environment, prints, sets the exit code. Nothing below this
// folder touches process.argv, process.env or the terminal.
import { keepThreadPoolAwake } from '../base/thread-pool.ts'
import { createProgram } from './program.ts'
import { reportFailure } from './report.ts'

keepThreadPoolAwake()
try {
  await createProgram().parseAsync()
} catch (error) {
  reportFailure(error)
  process.exitCode = 1
}
