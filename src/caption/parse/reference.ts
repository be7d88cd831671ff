// Reads answers exactly as the two reference implementations do, faults included: for users who
// compare with them, and for tests that prove it.
//
// The references are built from backtracking patterns that take quadratic time on hostile answers.
// Here each pattern is a scan that accepts the same matches in linear time.
import type { PictureSize } from '../ports.ts'
import { fromBin } from '../region.ts'
import type { LabelledBox, LabelledPolygon, LabelledQuad, TaskData } from '../task-data.ts'
import type { AnswerGrammar } from '../tasks.ts'
import { isBannedPhrase } from './banned-phrases.ts'
import { stripPython, stripPythonStart } from './python-text.ts'
import { quadArea } from './quad-area.ts'
import { findOutlines, findPhrases, findQuads, splitInstances } from './reference-scan.ts'
import type { Phrase } from './reference-scan.ts'

/** Where the two reference implementations differ. */
export interface ReferenceDialect {
  readonly ocrAreaThreshold: number
  /** Cut coordinates to whole pixels. */
  readonly wholePixels: boolean
  /** Tokens taken out of an OCR answer; what stays becomes part of a label. */
  readonly ocrRemoves: readonly string[]
  /** Strip white space from plain text and OCR labels. */
  readonly strips: boolean
  /** What is removed from the start of a polygon phrase before its label is read. */
  readonly polygonLabelSkips: 'loc_1>' | '<loc_1>'
}

/** Microsoft's processing_florence2.py as of June 2024 (revision f0acedb). */
export const REFERENCE: ReferenceDialect = {
  ocrAreaThreshold: 0.01,
  wholePixels: false,
  ocrRemoves: ['<s>'],
  strips: false,
  polygonLabelSkips: 'loc_1>',
}

/** `Florence2PostProcessor` of transformers 4.56 and later, as its published checkpoints set it up. */
export const NATIVE: ReferenceDialect = {
  ocrAreaThreshold: 0,
  wholePixels: true,
  ocrRemoves: ['<s>', '</s>', '<pad>'],
  strips: true,
  polygonLabelSkips: '<loc_1>',
}

const BOX_BINS = 4

const NOT_ASCII = /[\u0080-\uffff]/g

export function parseReference(
  grammar: AnswerGrammar,
  answer: string,
  picture: PictureSize,
  dialect: ReferenceDialect,
): TaskData {
  switch (grammar) {
    case 'text': {
      const text = removeAll(answer, ['<s>', '</s>'])
      return { kind: 'text', text: dialect.strips ? stripPython(text) : text }
    }
    case 'quads':
      return { kind: 'quads', quads: readQuads(answer, picture, dialect) }
    case 'boxes':
    case 'grounding':
    case 'proposals':
      return { kind: 'boxes', boxes: readBoxes(grammar, answer, picture, dialect) }
    case 'polygons':
      return { kind: 'polygons', polygons: readPolygons(answer, picture, dialect, true) }
    case 'boxes_or_polygons':
      return answer.includes('<poly>')
        ? {
            kind: 'boxes_or_polygons',
            boxes: [],
            polygons: readPolygons(answer, picture, dialect, false),
          }
        : {
            kind: 'boxes_or_polygons',
            boxes: readBoxes('boxes', answer, picture, dialect),
            polygons: [],
          }
  }
}

function readQuads(
  answer: string,
  picture: PictureSize,
  dialect: ReferenceDialect,
): LabelledQuad[] {
  const { ocrAreaThreshold, strips } = dialect
  const leastArea = picture.width * picture.height * ocrAreaThreshold
  return findQuads(removeAll(answer, dialect.ocrRemoves)).flatMap(({ content, bins }) => {
    const quad = toCoordinates(bins, picture, dialect)
    if (ocrAreaThreshold > 0 && quadArea(quad, 'open') < leastArea) return []
    return [{ label: strips ? stripPython(content) : content, quad }]
  })
}

function readBoxes(
  grammar: 'boxes' | 'grounding' | 'proposals',
  answer: string,
  picture: PictureSize,
  dialect: ReferenceDialect,
): LabelledBox[] {
  const phrases = findPhrases(removeSpecial(answer), {
    labelled: grammar !== 'proposals',
    marks: false,
  })
  return phrases.flatMap(({ text, tokens }) => {
    const phrase = readLabel(text)
    if (phrase === undefined) return []
    if (grammar === 'grounding' && isBannedPhrase(phrase)) return []
    const label = phrase.replaceAll(NOT_ASCII, '')
    const bins = tokens.map(({ bin = 0 }) => bin)
    const boxes: LabelledBox[] = []
    for (let start = 0; start + BOX_BINS <= bins.length; start += BOX_BINS) {
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = toCoordinates(
        bins.slice(start, start + BOX_BINS),
        picture,
        dialect,
      )
      boxes.push({ label, box: [x1, y1, x2, y2] })
    }
    return boxes
  })
}

function readPolygons(
  answer: string,
  picture: PictureSize,
  dialect: ReferenceDialect,
  unlabelled: boolean,
): LabelledPolygon[] {
  const phrases = findPhrases(removeSpecial(answer), { labelled: !unlabelled, marks: true })
  return phrases.flatMap((phrase) => {
    const label = readPolygonLabel(phrase, dialect)
    if (label === undefined) return []
    return splitInstances(phrase.tokens).flatMap((tokens) => {
      const outlines = findOutlines(tokens)
      if (outlines.length === 0) return []
      return [
        {
          label,
          outlines: outlines.map((bins) =>
            toCoordinates(bins.slice(0, bins.length - (bins.length % 2)), picture, dialect),
          ),
        },
      ]
    })
  })
}

/**
 * The label of a phrase: its text without the white space around it. Undefined when there is a line
 * break behind its first word, because the pattern's dot does not match one.
 */
function readLabel(text: string): string | undefined {
  return stripPythonStart(text).includes('\n') ? undefined : stripPython(text)
}

/** As `readLabel`; separators and closing marks before the first location are part of the label. */
function readPolygonLabel({ text, tokens }: Phrase, dialect: ReferenceDialect): string | undefined {
  const skipsToken = dialect.polygonLabelSkips === '<loc_1>'
  const rest = skipsToken && text === '' && tokens[0]?.bin !== undefined ? tokens.slice(1) : tokens
  const first = rest.findIndex(({ bin, raw }) => bin !== undefined || raw === '<poly>')
  if (first === -1) return undefined
  const start = skipsToken ? text : text.replace(/^loc_\d+>/, '')
  const marks = rest.slice(0, first).map(({ raw }) => raw)
  return readLabel(start + marks.join(''))
}

function toCoordinates(
  bins: readonly number[],
  { width, height }: PictureSize,
  { wholePixels }: ReferenceDialect,
): number[] {
  return bins.map((bin, index) => {
    const value = fromBin(bin, index % 2 === 0 ? width : height)
    return wholePixels ? Math.trunc(value) : value
  })
}

function removeSpecial(text: string): string {
  return removeAll(text, ['<s>', '</s>', '<pad>'])
}

/** One after the other, so that what the first leaves behind can be found by the next. */
function removeAll(text: string, tokens: readonly string[]): string {
  return tokens.reduce((rest, token) => rest.replaceAll(token, ''), text)
}
