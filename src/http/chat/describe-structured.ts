// Pictures in, one answer out that fits a schema: all its questions about a picture are asked at once.
import { FlocapError } from '../../base/errors.ts'
import type { CaptionResult, TaskRequest, TasksCaptioner } from '../../caption/captioner.ts'
import type { StructuredRequest } from '../../structured/structured-request.ts'
import type { DescribeHooks, Description, Question } from './describe.ts'
import { sumUsage } from './describe.ts'
import { createJsonTextWriter } from './json-text-writer.ts'

export interface StructuredHooks extends DescribeHooks {
  /** Called with the tasks before they run. */
  readonly onTasks?: (tasks: readonly TaskRequest[]) => void
}

/** @throws FlocapError what the captioner throws, and `invalid_schema` for what nothing fits. */
export async function describeStructured(
  captioner: TasksCaptioner,
  { pictures, choice, generation, memory }: Question,
  structured: StructuredRequest,
  { signal, onText, onTasks }: StructuredHooks,
): Promise<Description> {
  const tasks = structured.tasks({ ...choice, generation }, captioner.model.id)
  onTasks?.(tasks)
  const lead = pictures.length === 1 ? structured.lead(tasks) : undefined
  const writer = onText === undefined ? undefined : createJsonTextWriter(lead?.opening, onText)
  const answered: { labels: readonly string[]; results: readonly CaptionResult[] }[] = []
  for (const { bytes, labels } of pictures) {
    const results = await captioner.captionTasks(
      { picture: bytes, tasks },
      {
        signal,
        ...(writer === undefined || lead === undefined
          ? {}
          : { onText: (task: number, text: string) => task === lead.task && writer.add(text) }),
      },
    )
    answered.push({ labels, results })
  }
  const ranks = generation.numReturnSequences ?? 1
  const answers = Array.from({ length: ranks }, (_, rank) =>
    structured.answer(tasks, answered, rank),
  )
  const [best, ...others] = answers
  if (best === undefined) throw new FlocapError('internal_error', 'No structured answer was made.')
  writer?.finish(best.json)
  const results = answered.flatMap(({ labels, results: each }) =>
    each.map((result) => ({ labels, result })),
  )
  return {
    texts: [best.json, ...others.map(({ json }) => json)],
    results,
    unanswered: best.unanswered,
    ...(memory === undefined ? {} : { memory }),
    finishReason: results.some(({ result }) => result.finishReason === 'length')
      ? 'length'
      : 'stop',
    usage: sumUsage(results),
  }
}
