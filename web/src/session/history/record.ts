// A picture and its answers as they are kept in the browser, and back. What is read was written by
// another version of the page perhaps: it is checked like everything that comes from outside.
import { z } from 'zod'
import { Problem } from '../../server/problem.ts'
import { RequestSettings, TaskAnswerSchema } from '../../server/wire.ts'
import type { Picture, Progress } from '../session.ts'

const Box = z.tuple([z.number(), z.number(), z.number(), z.number()]).readonly()

const Question = z.object({
  task: z.string(),
  input: z.string().exactOptional(),
  region: Box.exactOptional(),
})

const Asked = { questions: z.array(Question).readonly(), settings: RequestSettings }

const KeptProblem = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().exactOptional(),
  retry: z.boolean(),
})

const KeptProgress = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('idle') }),
  z.object({ kind: z.literal('waiting'), ...Asked }),
  z.object({ kind: z.literal('answered'), ...Asked }),
  z.object({ kind: z.literal('failed'), ...Asked, problem: KeptProblem }),
])

const KeptAnswer = z.object({
  question: Question,
  settings: RequestSettings,
  model: z.string(),
  demo: z.boolean(),
  answer: TaskAnswerSchema,
  edited: z.string().exactOptional(),
})

/** Everything of a picture but its file. */
export const HistoryRecord = z.object({
  id: z.number(),
  name: z.string(),
  size: z.object({ width: z.number(), height: z.number() }).exactOptional(),
  region: Box.exactOptional(),
  progress: KeptProgress,
  answers: z.array(KeptAnswer).readonly(),
})
export type HistoryRecord = z.infer<typeof HistoryRecord>

export function toRecord({ id, name, size, region, progress, answers }: Picture): HistoryRecord {
  return {
    id,
    name,
    ...(size === undefined ? {} : { size }),
    ...(region === undefined ? {} : { region }),
    progress: keepProgress(progress),
    answers,
  }
}

/** What is being asked has to be asked again by a page that is loaded again. */
function keepProgress(progress: Progress): HistoryRecord['progress'] {
  switch (progress.kind) {
    case 'idle':
    case 'waiting':
    case 'answered':
      return progress
    case 'asking': {
      const { questions, settings } = progress
      return { kind: 'waiting', questions, settings }
    }
    case 'failed': {
      const { code, message, hint, retry } = progress.problem
      const problem = { code, message, retry, ...(hint === undefined ? {} : { hint }) }
      return { ...progress, problem }
    }
  }
}

/** @param url an object URL of the file */
export function fromRecord(record: HistoryRecord, file: Blob, url: string): Picture {
  const { progress } = record
  if (progress.kind !== 'failed') return { ...record, progress, file, url }
  const { code, message, ...options } = progress.problem
  const problem = new Problem(code, message, options)
  return { ...record, progress: { ...progress, problem }, file, url }
}
