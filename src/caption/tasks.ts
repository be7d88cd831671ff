// The table of tasks: Florence-2's fifteen and those that its fine-tunes added.
//
// Source: `task_prompts_*` and `tasks_answer_post_processing_type` of Microsoft's
// processing_florence2.py, and the model cards of the fine-tunes. Ids are the task tokens in lower
// case without their brackets.
import { FlocapError } from '../base/errors.ts'
import type { TaskData } from './task-data.ts'

export type { TaskData } from './task-data.ts'

export interface Task {
  /** Florence-2's own name of the task, as users of the reference type it. */
  readonly token: string
  /** What people see on a button. */
  readonly title: string
  /** Further names that people may use, in lower case. */
  readonly names: readonly string[]
  /** Sent to the model; `{input}` stands for the caller's text or region. */
  readonly prompt: string
  readonly takes: 'nothing' | 'text' | 'region'
  /** Stands in for the text that the caller left out; without it the text is required. */
  readonly defaultInput?: string
  /** How the answer is written, which chooses its parser. */
  readonly grammar: AnswerGrammar
  /** What the answer is read as. */
  readonly answer: TaskData['kind']
  /** Whether line breaks of a text answer mean something. */
  readonly layout: 'paragraph' | 'lines'
  /** The answer can be hundreds of tokens: a low `maxNewTokens` cuts it in the middle. */
  readonly longAnswer: boolean
  /** `florence2`: every checkpoint was trained on it. `fine_tune`: only some fine-tunes know it. */
  readonly family: 'florence2' | 'fine_tune'
  /** What a person wants of the picture: where menus put the task. */
  readonly group: TaskGroup
  /** The answer text when the model found nothing; without it an empty answer is an error. */
  readonly nothing?: string
}

/** In the order in which menus show them. */
export const TASK_GROUPS = ['describe', 'read', 'find', 'phrase', 'region', 'fine_tune'] as const

export type TaskGroup = (typeof TASK_GROUPS)[number]

/**
 * How answers are written. The names in Microsoft's code are pure_text, ocr,
 * description_with_bboxes, phrase_grounding, bboxes, polygons and
 * description_with_bboxes_or_polygons.
 */
export type AnswerGrammar =
  | 'text'
  | 'quads'
  | 'boxes'
  | 'grounding'
  | 'proposals'
  | 'polygons'
  | 'boxes_or_polygons'

const ANSWERS = {
  text: { answer: 'text' },
  quads: { answer: 'quads', nothing: 'No text found.' },
  boxes: { answer: 'boxes', nothing: 'No objects found.' },
  grounding: { answer: 'boxes', nothing: 'No objects found.' },
  proposals: { answer: 'boxes', nothing: 'No objects found.' },
  polygons: { answer: 'polygons', nothing: 'No objects found.' },
  boxes_or_polygons: { answer: 'boxes_or_polygons', nothing: 'No objects found.' },
} as const satisfies Record<AnswerGrammar, Pick<Task, 'answer' | 'nothing'>>

type TaskEntry = Pick<Task, 'token' | 'title' | 'names' | 'prompt'> & Partial<Task>

function task(entry: TaskEntry): Task {
  const grammar = entry.grammar ?? 'text'
  return {
    takes: 'nothing',
    grammar,
    layout: 'paragraph',
    longAnswer: false,
    family: 'florence2',
    group: 'describe',
    ...ANSWERS[grammar],
    ...entry,
  }
}

/** A tag of a fine-tune: it is no token of the vocabulary, the model reads it as plain text. */
function fineTuneTask(entry: TaskEntry): Task {
  return task({
    layout: 'lines',
    longAnswer: true,
    family: 'fine_tune',
    group: 'fine_tune',
    ...entry,
  })
}

export const TASKS = {
  caption: task({
    token: '<CAPTION>',
    title: 'Short caption',
    names: ['short'],
    prompt: 'What does the image describe?',
  }),
  detailed_caption: task({
    token: '<DETAILED_CAPTION>',
    title: 'Detailed caption',
    names: ['detailed'],
    prompt: 'Describe in detail what is shown in the image.',
  }),
  more_detailed_caption: task({
    token: '<MORE_DETAILED_CAPTION>',
    title: 'Paragraph',
    names: ['long', 'more_detailed', 'paragraph', 'describe'],
    prompt: 'Describe with a paragraph what is shown in the image.',
  }),
  ocr: task({
    token: '<OCR>',
    title: 'Text',
    group: 'read',
    names: ['read', 'text'],
    prompt: 'What is the text in the image?',
    layout: 'lines',
    longAnswer: true,
    nothing: 'No text found.',
  }),
  ocr_with_region: task({
    token: '<OCR_WITH_REGION>',
    title: 'Text and where it is',
    group: 'read',
    names: ['read_regions', 'text_regions'],
    prompt: 'What is the text in the image, with regions?',
    grammar: 'quads',
    longAnswer: true,
  }),
  od: task({
    token: '<OD>',
    title: 'Objects',
    group: 'find',
    names: ['objects', 'object_detection'],
    prompt: 'Locate the objects with category name in the image.',
    grammar: 'boxes',
    longAnswer: true,
  }),
  dense_region_caption: task({
    token: '<DENSE_REGION_CAPTION>',
    title: 'Described regions',
    group: 'find',
    names: ['regions', 'dense_captions'],
    prompt: 'Locate the objects in the image, with their descriptions.',
    grammar: 'boxes',
    longAnswer: true,
  }),
  region_proposal: task({
    token: '<REGION_PROPOSAL>',
    title: 'Regions without names',
    group: 'find',
    names: ['proposals'],
    prompt: 'Locate the region proposals in the image.',
    grammar: 'proposals',
    longAnswer: true,
  }),
  caption_to_phrase_grounding: task({
    token: '<CAPTION_TO_PHRASE_GROUNDING>',
    title: 'Locate the phrases of a caption',
    group: 'phrase',
    names: ['ground', 'grounding', 'phrase_grounding'],
    prompt: 'Locate the phrases in the caption: {input}',
    takes: 'text',
    grammar: 'grounding',
    longAnswer: true,
  }),
  referring_expression_segmentation: task({
    token: '<REFERRING_EXPRESSION_SEGMENTATION>',
    title: 'Outline what a phrase names',
    group: 'phrase',
    names: ['segment', 'segmentation'],
    prompt: 'Locate {input} in the image with mask',
    takes: 'text',
    grammar: 'polygons',
    longAnswer: true,
  }),
  region_to_segmentation: task({
    token: '<REGION_TO_SEGMENTATION>',
    title: 'Outline a region',
    group: 'region',
    names: ['segment_region'],
    prompt: 'What is the polygon mask of region {input}',
    takes: 'region',
    grammar: 'polygons',
    longAnswer: true,
  }),
  open_vocabulary_detection: task({
    token: '<OPEN_VOCABULARY_DETECTION>',
    title: 'Find what a phrase names',
    group: 'phrase',
    names: ['find', 'detect'],
    prompt: 'Locate {input} in the image.',
    takes: 'text',
    grammar: 'boxes_or_polygons',
    longAnswer: true,
  }),
  region_to_category: task({
    token: '<REGION_TO_CATEGORY>',
    title: 'Name a region',
    group: 'region',
    names: ['region_category'],
    prompt: 'What is the region {input}?',
    takes: 'region',
  }),
  region_to_description: task({
    token: '<REGION_TO_DESCRIPTION>',
    title: 'Describe a region',
    group: 'region',
    names: ['region_description'],
    prompt: 'What does the region {input} describe?',
    takes: 'region',
  }),
  region_to_ocr: task({
    token: '<REGION_TO_OCR>',
    title: 'Read a region',
    group: 'region',
    names: ['read_region'],
    prompt: 'What text is in the region {input}?',
    takes: 'region',
    layout: 'lines',
    nothing: 'No text found.',
  }),

  // MiaoshouAI's PromptGen
  generate_tags: fineTuneTask({
    token: '<GENERATE_TAGS>',
    title: 'Tags',
    names: ['tags'],
    prompt: '<GENERATE_TAGS>',
    layout: 'paragraph',
  }),
  mixed_caption: fineTuneTask({
    token: '<MIXED_CAPTION>',
    title: 'Caption and tags',
    // Also as MiaoshouAI's own node of ComfyUI calls it.
    names: ['mixed', 'mix_caption'],
    prompt: '<MIXED_CAPTION>',
  }),
  mixed_caption_plus: fineTuneTask({
    token: '<MIXED_CAPTION_PLUS>',
    title: 'Caption, tags and composition',
    names: ['mixed_plus', 'mix_caption_plus'],
    prompt: '<MIXED_CAPTION_PLUS>',
  }),
  analyze: fineTuneTask({
    token: '<ANALYZE>',
    title: 'Composition',
    names: ['analyse'],
    prompt: '<ANALYZE>',
  }),
  generate_prompt: fineTuneTask({
    token: '<GENERATE_PROMPT>',
    title: 'Prompt',
    names: ['prompt'],
    prompt: '<GENERATE_PROMPT>',
    layout: 'paragraph',
  }),
  // gokaygokay's SD3 and Flux captioners
  description: fineTuneTask({
    token: '<DESCRIPTION>',
    title: 'Description by instruction',
    names: [],
    prompt: '<DESCRIPTION>{input}',
    takes: 'text',
    defaultInput: 'Describe this image in great detail.',
    layout: 'paragraph',
  }),
  // Questions about documents and pictures
  docvqa: fineTuneTask({
    token: '<DocVQA>',
    title: 'Question about a document',
    names: ['document_question'],
    prompt: '<DocVQA>{input}',
    takes: 'text',
    longAnswer: false,
  }),
  vqa: fineTuneTask({
    token: '<VQA>',
    title: 'Question',
    names: ['question', 'ask'],
    prompt: '<VQA>{input}',
    takes: 'text',
    longAnswer: false,
  }),
  // Whatever else a checkpoint was trained on
  raw: fineTuneTask({
    token: '<RAW>',
    title: 'Prompt as written',
    names: ['as_written'],
    prompt: '{input}',
    takes: 'text',
  }),
} as const satisfies Record<string, Task>

export type TaskId = keyof typeof TASKS

export function isTaskId(value: unknown): value is TaskId {
  return typeof value === 'string' && Object.hasOwn(TASKS, value)
}

/** What ordinary text runs, unless the user chose another default. */
export const DEFAULT_TASK: TaskId = 'more_detailed_caption'

export const TASK_IDS: readonly TaskId[] = Object.keys(TASKS).filter(isTaskId)

/** Longest part of an unknown name that an error repeats. */
const SHOWN_NAME_LENGTH = 60

/** `<MY_TASK>`, `my-task` and `My task` are one name. */
export function normaliseName(name: string): string {
  return name
    .trim()
    .replace(/^<(.*)>$/s, '$1')
    .toLowerCase()
    .replaceAll(/[\s-]/g, '_')
}

/** Every name in its normal form. A Map, so that names such as `constructor` are not found. */
const IDS_BY_NAME: ReadonlyMap<string, TaskId> = new Map(
  TASK_IDS.flatMap((id) => [id, ...TASKS[id].names].map((name) => [name, id] as const)),
)

/**
 * The task that a token (`<OD>`), an id (`od`) or a friendly name (`objects`) means, in any case and
 * with `-` or a space for `_`.
 * @throws FlocapError `unknown_task`, its hint lists every task.
 */
export function findTask(name: string): TaskId {
  const id = IDS_BY_NAME.get(normaliseName(name.slice(0, 2 * SHOWN_NAME_LENGTH)))
  if (id !== undefined) return id
  throw new FlocapError(
    'unknown_task',
    `Expected the name of a task, got ${JSON.stringify(name.slice(0, SHOWN_NAME_LENGTH))}.`,
    { hint: `The tasks are ${TASK_IDS.join(', ')}.`, subject: 'task' },
  )
}
