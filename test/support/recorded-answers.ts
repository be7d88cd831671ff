// What the bundled model says of some of its samples, as results of a captioner.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { FlocapError } from '../../src/base/errors.ts'
import type { CaptionResult, TaskRequest, TasksCaptioner } from '../../src/caption/captioner.ts'
import { createTasksCaptioner } from '../../src/caption/tasks-captioner.ts'
import { Answer } from '../../src/http/chat/extension.ts'
import { FAKE_MODEL } from './fake-captioner.ts'

const FILE = new URL('../fixtures/structured/answers.json', import.meta.url)

const Recorded = z.object({
  pictures: z.array(
    z.object({
      name: z.string(),
      width: z.int(),
      height: z.int(),
      answers: z.array(
        z.object({
          task: z.string(),
          text: z.string(),
          data: Answer,
          confidence: z.number(),
          promptTokens: z.int(),
          completionTokens: z.int(),
        }),
      ),
    }),
  ),
})

const { pictures } = Recorded.parse(JSON.parse(readFileSync(FILE, 'utf8')))

export const RECORDED_PICTURES: readonly string[] = pictures.map(({ name }) => name)

/** @throws Error for a task that was not recorded. */
export function recordedResults(
  picture: string,
  tasks: readonly TaskRequest[],
): readonly CaptionResult[] {
  const recorded = pictures.find(({ name }) => name === picture)
  return tasks.map(({ task }): CaptionResult => {
    const answer = recorded?.answers.find((each) => each.task === task)
    if (recorded === undefined || answer === undefined) {
      throw new Error(`No answer of ${task} about ${picture} was recorded.`)
    }
    const { text, data, confidence, promptTokens, completionTokens } = answer
    return {
      task,
      text,
      data,
      confidence,
      alternatives: [],
      finishReason: 'stop',
      usage: { promptTokens, completionTokens },
      picture: { width: recorded.width, height: recorded.height },
      model: FAKE_MODEL,
      timings: { picture: 0, vision: 0, prefill: 0, decode: 0 },
    }
  })
}

/** Says of each picture what was recorded of this one, and streams texts word by word. */
export function createRecordedCaptioner(picture = 'scene-03'): TasksCaptioner {
  return createTasksCaptioner(
    () => FAKE_MODEL,
    async ({ tasks }, { signal, onText } = {}) => {
      if (signal?.aborted) throw new FlocapError('cancelled', 'The request was cancelled.')
      const results = recordedResults(picture, tasks)
      for (const [task, { data, text }] of results.entries()) {
        if (data.kind !== 'text') continue
        for (const piece of text.match(/\s*\S+/g) ?? []) onText?.(task, piece)
      }
      return results
    },
  )
}
