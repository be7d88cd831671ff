// A FIFO, which Node itself cannot make. Not on Windows, which has none.
import { spawnSync } from 'node:child_process'

export const HAS_FIFOS = process.platform !== 'win32'

const MAKER = '/usr/bin/mkfifo'

export function makeFifo(path: string): void {
  const { status, stderr } = spawnSync(MAKER, [path], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${MAKER} ${path}: ${stderr}`)
}
