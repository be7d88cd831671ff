// Lines of the output and error files, as OpenAI writes them.
import { z } from 'zod'
import { requestIdOf } from './ids.ts'
import type { LineAnswer } from './line-reader.ts'
import type { LineJob, LineResult } from './line-queue.ts'

/** As chat completions and FloCap's own API count, and as responses do. */
const Usage = z.object({
  prompt_tokens: z.int().optional(),
  completion_tokens: z.int().optional(),
  input_tokens: z.int().optional(),
  output_tokens: z.int().optional(),
})
type Usage = z.infer<typeof Usage>

/** What an answer says of its tokens, in the dialects that can be batched. */
const Answered = z.object({
  usage: Usage.nullish(),
  images: z.array(z.object({ answers: z.array(z.object({ usage: Usage })) })).optional(),
})

interface Tokens {
  readonly inputTokens: number
  readonly outputTokens: number
}

/** What an output line says when it is read again: after a crash, or by who asked. */
export const OutputLine = z.object({
  id: z.string(),
  custom_id: z.string(),
  response: z.object({ status_code: z.int(), body: z.unknown() }).nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
})

const FIRST_ERROR_STATUS = 400

export function renderAnswer(job: LineJob, customId: string, answer: LineAnswer): LineResult {
  const failed = answer.status >= FIRST_ERROR_STATUS
  const text = JSON.stringify({
    id: requestIdOf(job.batch, job.line),
    custom_id: customId,
    response: {
      status_code: answer.status,
      request_id: answer.requestId,
      body: answer.body,
    },
    error: null,
  })
  return { text, failed, ...(failed ? NO_TOKENS : tokensOf(answer.body)) }
}

/** A line without an answer. @param code `batch_expired`, or what kept it from running. */
export function renderUnanswered(
  job: Pick<LineJob, 'batch' | 'line'>,
  customId: string,
  error: { readonly code: string; readonly message: string },
): LineResult {
  const id = requestIdOf(job.batch, job.line)
  const text = JSON.stringify({ id, custom_id: customId, response: null, error })
  return { text, failed: true, ...NO_TOKENS }
}

const NO_TOKENS: Tokens = { inputTokens: 0, outputTokens: 0 }

export function tokensOf(body: unknown): Tokens {
  const { data } = Answered.safeParse(body)
  if (data === undefined) return NO_TOKENS
  const usages: Usage[] = [
    ...(data.usage ? [data.usage] : []),
    ...(data.images ?? []).flatMap(({ answers }) => answers.map(({ usage }) => usage)),
  ]
  return {
    inputTokens: sum(usages.map((usage) => usage.input_tokens ?? usage.prompt_tokens ?? 0)),
    outputTokens: sum(usages.map((usage) => usage.output_tokens ?? usage.completion_tokens ?? 0)),
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
