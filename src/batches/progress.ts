// How far a batch is: which lines are done, as its outputs say.
import { OutputLine, tokensOf } from './render-line.ts'
import { lineOfRequestId } from './ids.ts'
import type { LineResult } from './line-queue.ts'
import type { BatchUsage } from './objects.ts'
import { readOutput } from './output-log.ts'

/** The code of lines for which there was no time. */
export const EXPIRED_CODE = 'batch_expired'

export interface Progress {
  readonly completed: number
  readonly failed: number
  readonly usage: BatchUsage
  isDone(line: number): boolean
  /** Counts a line that was written down. */
  add(line: number, result: Omit<LineResult, 'text'>): void
}

/** A million lines are a hundred kilobytes. */
function createProgress(): Progress {
  let done = new Uint8Array(1024)
  let completed = 0
  let failed = 0
  let inputTokens = 0
  let outputTokens = 0
  return {
    get completed() {
      return completed
    },
    get failed() {
      return failed
    },
    get usage() {
      return {
        input_tokens: inputTokens,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: outputTokens,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: inputTokens + outputTokens,
      }
    },
    isDone: (line) => ((done[line >> 3] ?? 0) & (1 << (line & 7))) !== 0,
    add(line, result) {
      while (line >> 3 >= done.length) {
        const larger = new Uint8Array(2 * done.length)
        larger.set(done)
        done = larger
      }
      done[line >> 3] = (done[line >> 3] ?? 0) | (1 << (line & 7))
      if (result.failed) failed += 1
      else completed += 1
      inputTokens += result.inputTokens
      outputTokens += result.outputTokens
    },
  }
}

/** From the outputs of a batch that was interrupted; their last lines are whole. */
export async function recoverProgress(output: string, error: string): Promise<Progress> {
  const progress = createProgress()
  for (const [path, failed] of [
    [output, false],
    [error, true],
  ] as const) {
    for await (const value of readOutput(path)) {
      const { id, response } = OutputLine.parse(value)
      const line = lineOfRequestId(id)
      if (line === undefined) throw new TypeError(`Expected the id of a line, got ${id}.`)
      const tokens = failed ? { inputTokens: 0, outputTokens: 0 } : tokensOf(response?.body)
      progress.add(line, { failed, ...tokens })
    }
  }
  return progress
}
