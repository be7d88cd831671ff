// The table of Florence-2 tasks.
//
// Source: `task_prompts_*` and `tasks_answer_post_processing_type` of Microsoft's
// processing_florence2.py. Ids are the task tokens in lower case without their brackets.

export interface Task {
  /** Florence-2's own name of the task, as users of the reference type it. */
  readonly token: string
  /** Sent to the model; `{input}` stands for the caller's text or region. */
  readonly prompt: string
  readonly takes: 'nothing' | 'text' | 'region'
  /** What the answer is read as. */
  readonly answer: TaskData['kind']
}

function task(token: string, prompt: string, takes: Task['takes'], answer: Task['answer']): Task {
  return { token, prompt, takes, answer }
}

export const TASKS = {
  caption: task('<CAPTION>', 'What does the image describe?', 'nothing', 'text'),
  detailed_caption: task(
    '<DETAILED_CAPTION>',
    'Describe in detail what is shown in the image.',
    'nothing',
    'text',
  ),
  more_detailed_caption: task(
    '<MORE_DETAILED_CAPTION>',
    'Describe with a paragraph what is shown in the image.',
    'nothing',
    'text',
  ),
} as const satisfies Record<string, Task>

export type TaskId = keyof typeof TASKS

export type TaskData =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'boxes'; readonly boxes: readonly LabelledBox[] }
  | { readonly kind: 'quads'; readonly quads: readonly LabelledQuad[] }
  | { readonly kind: 'polygons'; readonly polygons: readonly LabelledPolygon[] }
  | {
      readonly kind: 'boxes_or_polygons'
      readonly boxes: readonly LabelledBox[]
      readonly polygons: readonly LabelledPolygon[]
    }

/** Pixels of the upright picture; x to the right, y down. */
export interface LabelledBox {
  readonly label: string
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number]
}

/** Four corners, x and y in turn, in the order the model gave them. */
export interface LabelledQuad {
  readonly label: string
  readonly quad: readonly number[]
}

/** One instance may have several outlines; each is x and y in turn. */
export interface LabelledPolygon {
  readonly label: string
  readonly outlines: readonly (readonly number[])[]
}
