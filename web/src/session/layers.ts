// What lies over a picture: the shapes of each answer that has some, in colours of their own.
import { type Finding, toFindings } from '../../../src/caption/findings.ts'
import { countColours, overlayColours, renderOverlay } from '../../../src/caption/overlay.ts'
import type { TaskData } from '../../../src/caption/task-data.ts'
import { keyOf } from './given-answers.ts'
import type { GivenAnswer, Picture, Size } from './session.ts'

export interface Layer {
  /** Of the answer: see `keyOf`. */
  readonly key: string
  /** Outlines have their names in it. */
  readonly data: TaskData
  readonly findings: readonly Finding[]
  /** Of each finding. */
  readonly colours: readonly string[]
  /** The drawing, in pixels of the picture; what came from the model is escaped in it. */
  readonly svg: string
  /** Lines of text that were read. */
  readonly isText: boolean
}

/** One finding of one answer. */
export interface Pointed {
  readonly key: string
  readonly finding: number
}

/** A layer for each answer that found something; no two of them share a colour. */
export function layersOf(answers: readonly GivenAnswer[], size: Size): readonly Layer[] {
  const layers: Layer[] = []
  let coloursBefore = 0
  // From the oldest, so that a new answer changes no colour.
  for (const given of answers.toReversed()) {
    const data = nameFindings(given.answer.data, given.question.input)
    const findings = toFindings(data)
    if (findings.length === 0) continue
    layers.unshift({
      key: keyOf(given),
      data,
      findings,
      colours: overlayColours(data, coloursBefore),
      svg: renderOverlay(data, size, { coloursBefore }),
      isText: data.kind === 'quads',
    })
    coloursBefore += countColours(data)
  }
  return layers
}

/** @param phrase what was asked for: the name of outlines, to which the model gives none. */
function nameFindings(data: TaskData, phrase = ''): TaskData {
  if (data.kind !== 'polygons') return data
  return {
    ...data,
    polygons: data.polygons.map((each) => ({ ...each, label: each.label || phrase })),
  }
}

/** What a person has switched on or off, by the keys of layers. */
export type Switched = ReadonlyMap<string, boolean>

/** Where nothing was switched, the answers of the last request are shown. */
export function isShown({ answers, progress }: Picture, switched: Switched, key: string): boolean {
  const chosen = switched.get(key)
  if (chosen !== undefined) return chosen
  const last = progress.kind === 'answered' ? progress.questions.length : answers.length
  return answers.slice(0, last).some((given) => keyOf(given) === key)
}
