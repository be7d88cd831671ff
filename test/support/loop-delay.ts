// How long the event loop of a program under test stood still, told by a probe inside it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { z } from 'zod'

const PROBE = fileURLToPath(new URL('loop-delay-probe.mjs', import.meta.url))

const probed = z.object({
  /** How often this process was asked. */
  written: z.number(),
  /** The 99.9th percentile. */
  mostMs: z.number(),
  longestMs: z.number(),
})

export type LoopDelay = Readonly<Omit<z.infer<typeof probed>, 'written'>>

/** For a program that is to be asked. */
export function loopDelayEnvironment(folder: string): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=${PROBE}`, FLOCAP_LOOP_DELAY: folder }
}

/** Since it was asked before. @param pid a process started with `loopDelayEnvironment(folder)`. */
export async function readLoopDelay(pid: number, folder: string): Promise<LoopDelay> {
  const file = join(folder, `${pid}.json`)
  const read = () =>
    existsSync(file) ? probed.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined
  const before = read()?.written ?? 0
  process.kill(pid, 'SIGUSR2')
  await expect.poll(() => read()?.written, { interval: 10, timeout: 30_000 }).toBe(before + 1)
  const { written: _, ...delay } = read()!
  return delay
}
