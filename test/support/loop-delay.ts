// How long single turns of a program's event loop computed, told by a probe inside it.
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { askProbe } from './ask-probe.ts'

const PROBE = fileURLToPath(new URL('loop-delay-probe.mjs', import.meta.url))

/** It is asked while it is under attack. */
const PATIENCE_MS = 30_000

const LoopDelay = z.object({
  /** The 99.9th percentile. */
  mostMs: z.number(),
  longestMs: z.number(),
})
export type LoopDelay = Readonly<z.infer<typeof LoopDelay>>

/** For a program that is to be asked. */
export function loopDelayEnvironment(folder: string): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=${PROBE}`, FLOCAP_LOOP_DELAY: folder }
}

/** Since it was asked before. @param pid a process started with `loopDelayEnvironment(folder)`. */
export async function readLoopDelay(pid: number, folder: string): Promise<LoopDelay> {
  return askProbe(LoopDelay, pid, folder, { timeout: PATIENCE_MS })
}
