// What an answer found, one after the other: the order in which drawings and lists show it.
import type { LabelledBox, LabelledPolygon, Scored, TaskData } from './task-data.ts'

export interface Finding extends Scored {
  /** As the model gave it; empty for region proposals. */
  readonly label: string
  /** In pixels of the upright picture; each is x and y in turn, without the first point again. */
  readonly outlines: readonly (readonly number[])[]
  /** `mask`: the outline is the thing's own. `frame`: a box or four corners around it. */
  readonly form: 'frame' | 'mask'
}

/** None for answers in plain text. */
export function toFindings(data: TaskData): readonly Finding[] {
  switch (data.kind) {
    case 'text':
      return []
    case 'boxes':
      return data.boxes.map(toFrame)
    case 'quads':
      return data.quads.map(({ label, quad, ...more }) => ({
        label,
        outlines: [quad],
        form: 'frame',
        ...scoreOf(more),
      }))
    case 'polygons':
      return data.polygons.map(toMask)
    case 'boxes_or_polygons':
      return [...data.boxes.map(toFrame), ...data.polygons.map(toMask)]
  }
}

function toFrame({ label, box: [x1, y1, x2, y2], ...more }: LabelledBox): Finding {
  return {
    label,
    outlines: [[x1, y1, x2, y1, x2, y2, x1, y2]],
    form: 'frame',
    ...scoreOf(more),
  }
}

function toMask({ label, outlines, ...more }: LabelledPolygon): Finding {
  return { label, outlines, form: 'mask', ...scoreOf(more) }
}

function scoreOf({ score }: Scored): Scored {
  return score === undefined ? {} : { score }
}
