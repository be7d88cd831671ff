// What a process of the built program still holds once its garbage is collected: what V8 counts, told
// by a probe inside it, and what the kernel counts. Linux only.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { askProbe } from './ask-probe.ts'
import { figuresOf } from './process-figures.ts'

const PROBE = fileURLToPath(new URL('live-figures-probe.mjs', import.meta.url))

const probed = z.object({
  heapBytes: z.number(),
  /** Of C++ objects that JavaScript holds, buffers included: encoded pictures, tensors. */
  externalBytes: z.number(),
  bufferBytes: z.number(),
  /** By V8 itself, outside of its heap. */
  v8AllocatedBytes: z.number(),
  contexts: z.number(),
  globalHandleBytes: z.number(),
  /** Sockets, timers, pipes and requests that keep the process alive. */
  handles: z.number(),
})

export type LiveFigures = Readonly<
  z.infer<typeof probed> & {
    residentBytes: number
    /** Memory of no file, in all allocators: what malloc, V8 and ONNX Runtime have from the system. */
    anonymousBytes: number
    descriptors: number
    threads: number
  }
>

/** For a program that is to be asked; its engines inherit it. */
export function probeEnvironment(folder: string): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=${PROBE}`, FLOCAP_LIVE_FIGURES: folder }
}

/** @param pid a process that was started with `probeEnvironment(folder)` and has nothing to do. */
export async function readLiveFigures(pid: number, folder: string): Promise<LiveFigures> {
  const figures = await askProbe(probed, pid, folder)
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const readStatus = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
  const { residentKb, descriptors } = figuresOf(pid)
  return {
    ...figures,
    residentBytes: residentKb * 1024,
    anonymousBytes: readStatus('RssAnon') * 1024,
    descriptors,
    threads: readStatus('Threads'),
  }
}
