// A line and its result as texts, for the way to another machine and back.
import { z } from 'zod'
import { requestIdOf } from './ids.ts'
import type { LineJob, LineResult } from './line-queue.ts'
import { ENDPOINTS } from './objects.ts'
import { OutputLine } from './render-line.ts'

const Wired = z.object({
  v: z.literal(1),
  batch: z.string(),
  line: z.int(),
  owner: z.string(),
  endpoint: z.enum(ENDPOINTS),
  /** The line as it stands in the input, with pictures in place of references to files. */
  text: z.string(),
})

const Tokens = z.int().nonnegative()

const Result = z.object({
  text: z.string(),
  failed: z.boolean(),
  inputTokens: Tokens,
  outputTokens: Tokens,
})

/** @param text the line's own JSON */
export function renderWired({ batch, line, owner, endpoint }: LineJob, text: string): string {
  const wired: z.infer<typeof Wired> = { v: 1, batch, line, owner, endpoint, text }
  return JSON.stringify(wired)
}

/** @throws ZodError for what no front of this version has written */
export function readWired(payload: string): { readonly job: LineJob; readonly bytes: Uint8Array } {
  const { batch, line, owner, endpoint, text } = Wired.parse(JSON.parse(payload))
  const bytes = Buffer.from(text)
  return { job: { batch, line, owner, endpoint, offset: 0, length: bytes.byteLength }, bytes }
}

export function renderResult(result: LineResult): string {
  return JSON.stringify(result)
}

/**
 * The answer to one line, and to no other: it becomes a line of the output.
 * @throws ZodError, SyntaxError or TypeError for what no worker of this version has written
 */
export function readResult(
  text: string,
  { batch, line }: Pick<LineJob, 'batch' | 'line'>,
): LineResult {
  const result = Result.parse(JSON.parse(text))
  const answer: unknown = JSON.parse(result.text)
  const { id } = OutputLine.parse(answer)
  const expected = requestIdOf(batch, line)
  if (id !== expected) throw new TypeError(`Expected the answer ${expected}, got ${id}.`)
  // Written again: it may have had line breaks.
  return { ...result, text: JSON.stringify(answer) }
}
