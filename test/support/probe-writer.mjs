// The end of a probe that is inside a process under test (`--import`): at SIGUSR2 it writes what it has
// measured, as one line of JSON, to where ask-probe.ts reads it.
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** @param measure the figures, or a promise of them. */
export function writeAtSignal(folder, measure) {
  const file = join(folder, `${process.pid}.json`)
  let written = 0
  const write = async () => {
    const figures = await measure()
    written += 1
    writeFileSync(`${file}.part`, JSON.stringify({ written, ...figures }))
    renameSync(`${file}.part`, file)
  }
  process.on('SIGUSR2', () => void write())
}
