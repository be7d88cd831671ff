// The models that one acceptance run goes through, and what is known beforehand of each.
import type { GenerationOptions } from '../../src/caption/ports.ts'
import type { PublishedAnswer } from './values.ts'

export interface PlannedModel {
  /** The short name, as `flocap pull` takes it. */
  readonly name: string
  /** The names of checkpoints whose published answers are this model's. */
  readonly published: RegExp
  /** What its own files say of the search, where that was published. */
  readonly settings?: Pick<GenerationOptions, 'earlyStopping'>
  /** Tasks to ask for where no answer was published. */
  readonly tasks: readonly string[]
}

const FLORENCE_TASKS = ['<CAPTION>', '<DETAILED_CAPTION>', '<OD>']

export const PLAN: readonly PlannedModel[] = [
  {
    name: 'base',
    // The community's conversion has the same weights.
    published: /^(microsoft|florence-community)\/Florence-2-base(?!-)/,
    settings: { earlyStopping: true },
    tasks: FLORENCE_TASKS,
  },
  {
    name: 'base-ft',
    published: /Florence-2-base-ft/,
    settings: { earlyStopping: true },
    tasks: FLORENCE_TASKS,
  },
  {
    name: 'large',
    published: /Florence-2-large.*June-2024/,
    settings: { earlyStopping: false },
    tasks: FLORENCE_TASKS,
  },
  { name: 'large-ft', published: /Florence-2-large-ft/, tasks: FLORENCE_TASKS },
  {
    name: 'large-4k',
    published: /Florence-2-large.*4k/,
    settings: { earlyStopping: false },
    tasks: FLORENCE_TASKS,
  },
  {
    name: 'promptgen-base',
    published: /Florence-2-base-PromptGen-v2/,
    tasks: ['<GENERATE_TAGS>', '<MIXED_CAPTION>', '<ANALYZE>'],
  },
]

/**
 * The questions to a model: those with published answers, or else its tasks on the first published
 * picture, whose answers are shown but cannot be compared.
 */
export function questionsFor(
  { name, published, tasks }: PlannedModel,
  all: readonly PublishedAnswer[],
  picture: string,
): readonly PublishedAnswer[] {
  const known = all.filter(({ checkpoint }) => published.test(checkpoint))
  if (known.length > 0) return known
  return tasks.map((task) => ({ id: `${name}${task}`, checkpoint: name, image: picture, task }))
}
