// The answers that a picture has collected: what is asked twice is there once, what a person wrote stays.
import type { Answered, TaskEntry } from '../server/wire.ts'
import type { Asked, GivenAnswer } from './session.ts'

/**
 * New answers come first. One of the same model to the very same question takes the place of the
 * older one; what a person made of its text stays.
 */
export function addAnswers(
  before: readonly GivenAnswer[],
  { questions, settings }: Asked,
  { answers, model, demo }: Answered,
): readonly GivenAnswer[] {
  const added = answers.flatMap((answer, index): GivenAnswer[] => {
    const question = questions[index]
    return question === undefined ? [] : [{ question, settings, model, demo, answer }]
  })
  const keys = new Set(added.map(keyOf))
  return [
    ...added.map((given) => {
      const edited = before.find((older) => keyOf(older) === keyOf(given))?.edited
      return edited === undefined ? given : { ...given, edited }
    }),
    ...before.filter((given) => !keys.has(keyOf(given))),
  ]
}

/** The same for answers of one model to the same question, asked in the same way. */
export function keyOf({
  question,
  settings,
  model,
}: Pick<GivenAnswer, 'question' | 'settings' | 'model'>): string {
  const { task, input, region } = question
  const sorted = Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([model, task, input, region, sorted])
}

/** The text that counts: a person's, or else the model's. */
export function textOf({ answer, edited }: GivenAnswer): string {
  return edited ?? answer.text
}

/** The task that finds what a text names. */
export const GROUNDING = 'caption_to_phrase_grounding'

/** Key of the answer that found the phrases of another's text; undefined where there is none. */
export function groundingOf(
  answers: readonly GivenAnswer[],
  given: GivenAnswer,
): string | undefined {
  const text = textOf(given)
  const found = answers.find(
    ({ question }) => question.task === GROUNDING && question.input === text,
  )
  return found === undefined ? undefined : keyOf(found)
}

/** Whether a text describes the whole picture, so that its words can be found there. */
export function isDescription(tasks: readonly TaskEntry[], { answer }: GivenAnswer): boolean {
  const group = tasks.find(({ id }) => id === answer.task)?.group
  return group === 'describe' && answer.data.kind === 'text' && answer.text !== ''
}
