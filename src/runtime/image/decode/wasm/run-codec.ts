// Runs a decoder that is WebAssembly: each picture in a worker thread of its own, which ends with it.
// Why not one that stays: docs/decisions/0011-codecs-in-threads.md.
//
// A picture can so neither hold the engine's thread, nor keep memory, nor leave anything behind for
// the next one. The module is compiled once and shared with all workers, so a worker costs a few
// hundredths of a second.
import { readFile } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { assertMemory } from '../memory.ts'
import { damagedPicture, tooCostlyPicture } from '../picture-errors.ts'
import type { PictureFormat } from '../sniff.ts'
import { limitWasmMemory } from './memory-maximum.ts'

/** A codec's files, and how much memory one picture may take. */
export interface WasmCodec {
  readonly format: PictureFormat
  /** The path of its WebAssembly. */
  readonly wasm: string
  /** The script that decodes one picture with it: takes a CodecTask, posts a CodecAnswer. */
  readonly worker: URL
  readonly maxMemoryBytes: number
}

/** What a worker is given as its data. */
export interface CodecTask {
  /** A WebAssembly.Module. */
  readonly module: object
  readonly bytes: Uint8Array
  readonly maxPixels: number
  readonly maxMemoryBytes: number
  /** Whether alpha is wanted as the last channel, where the picture has it. */
  readonly keepAlpha: boolean
}

/** What a worker posts before it ends. */
export type CodecAnswer<Result> =
  | { readonly kind: 'decoded'; readonly result: Result }
  /** The codec's own words: for the log only. */
  | { readonly kind: 'failed'; readonly reason: string; readonly isMemory: boolean }

export interface CodecOptions {
  readonly maxPixels: number
  /** By the clock: a machine that is busy with other things must still get through. */
  readonly budgetMs: number
  readonly keepAlpha: boolean
}

/** JavaScript's own memory in a worker: the glue around a codec needs a fraction. */
const MAX_HEAP_MB = 64

/** TypeScript's types for Node leave it out; this is all that is used. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> }

const modules = new Map<string, Promise<object>>()

async function compiled({ wasm, maxMemoryBytes }: WasmCodec): Promise<object> {
  const known = modules.get(wasm)
  if (known) return known
  const module = readFile(wasm).then(async (bytes) =>
    WebAssembly.compile(limitWasmMemory(bytes, maxMemoryBytes)),
  )
  modules.set(wasm, module)
  // Without memory today, perhaps with it tomorrow.
  module.catch(() => modules.delete(wasm))
  return module
}

/**
 * Decodes one picture.
 *
 * @throws FlocapError `invalid_image`, or `image_too_large` where time or memory did not do;
 *   MemoryFailure.
 */
export async function runCodec<Result>(
  codec: WasmCodec,
  bytes: Uint8Array,
  { maxPixels, budgetMs, keepAlpha }: CodecOptions,
): Promise<Result> {
  const { maxMemoryBytes } = codec
  const module = await compiled(codec)
  const task: CodecTask = { module, bytes, maxPixels, maxMemoryBytes, keepAlpha }
  const answer = await new Promise<CodecAnswer<Result> | 'late'>((resolve) => {
    const worker = new Worker(codec.worker, {
      workerData: task,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    })
    let settled = false
    const finish = (result: CodecAnswer<Result> | 'late'): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      // Its memory is given back before the next picture is begun.
      void worker.terminate().then(() => resolve(result))
    }
    const timer = setTimeout(finish, budgetMs, 'late')
    const fail = (reason: string): void => finish({ kind: 'failed', reason, isMemory: false })
    worker.once('message', finish)
    worker.once('error', (error) => fail(String(error)))
    worker.once('exit', (code) => fail(`the worker ended by itself with code ${code}`))
  })
  if (answer === 'late') {
    throw tooCostlyPicture(codec.format, `more than ${Math.round(budgetMs / 1000)} s`)
  }
  if (answer.kind === 'decoded') return answer.result
  const cause = new Error(answer.reason)
  assertMemory(cause)
  if (answer.isMemory) {
    throw tooCostlyPicture(
      codec.format,
      `more than ${maxMemoryBytes / 2 ** 20} MB of memory`,
      cause,
    )
  }
  throw damagedPicture(codec.format, 'its pixel data are damaged or end too early', cause)
}
