// Draws what tasks found as an SVG image that lies over the picture.
import { escapeMarkup } from '../base/escape-markup.ts'
import { boundsOf } from './bounds.ts'
import { cleanText } from './clean-text.ts'
import { type Finding, toFindings } from './findings.ts'
import type { PictureSize } from './ports.ts'
import type { TaskData } from './task-data.ts'

export interface OverlayOptions {
  /** Address of the picture, mostly a data URL: drawn below the shapes. */
  readonly pictureHref?: string
  /** Colours that drawings over the same picture have taken already; see `countColours`. */
  readonly coloursBefore?: number
}

/** Shares of the picture's shorter side, so that drawings of all sizes look alike. */
const LINE_SHARE = 0.004
const FONT_SHARE = 0.03
/** Width of the white rim below a line, in lines: so that a red box is seen on a red picture. */
const RIM_LINES = 2
/** Below these, in pixels of the picture, neither line nor letter can be seen. */
const LEAST_LINE = 1
const LEAST_FONT = 8
/** A description longer than this covers more than it tells. */
const LONGEST_LABEL = 60
/** Neighbouring multiples of the golden angle lie far apart on the circle of hues. */
const GOLDEN_ANGLE = 137.508

/**
 * The SVG document, in pixels of the picture. Answers in plain text have no shapes: their overlay is
 * empty. Shape and label of a finding carry its place among `toFindings` of its task as
 * `data-finding`, so that pages can tell which is which. Everything that came from the model is escaped.
 * @param data of one task, or of several that are drawn one over the other.
 */
export function renderOverlay(
  data: TaskData | readonly TaskData[],
  { width, height }: PictureSize,
  { pictureHref, coloursBefore = 0 }: OverlayOptions = {},
): string {
  const side = Math.min(width, height)
  const line = Math.max(LEAST_LINE, side * LINE_SHARE)
  const font = Math.max(LEAST_FONT, side * FONT_SHARE)
  const picture =
    pictureHref === undefined
      ? []
      : [`<image href="${escapeMarkup(pictureHref)}" width="${width}" height="${height}"/>`]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
      `width="${width}" height="${height}" font-family="sans-serif" font-size="${round(font)}">`,
    ...picture,
    ...[data].flat().flatMap((one) => renderTask(toFindings(one), font, line, coloursBefore)),
    '</svg>',
  ]
    .filter((part) => part !== '')
    .join('\n')
}

/** Things of one name have one colour. */
export function countColours(data: TaskData): number {
  return new Set(toFindings(data).map(({ label }) => label)).size
}

/** The colour of each finding, in the order of `toFindings`. */
export function overlayColours(data: TaskData, coloursBefore = 0): readonly string[] {
  const findings = toFindings(data)
  const labels = [...new Set(findings.map(({ label }) => label))]
  return findings.map(({ label }) => colourAt(coloursBefore + labels.indexOf(label)))
}

function colourAt(index: number): string {
  return `hsl(${Math.round((index * GOLDEN_ANGLE) % 360)}, 90%, 45%)`
}

function renderTask(
  findings: readonly Finding[],
  font: number,
  line: number,
  coloursBefore: number,
): readonly string[] {
  const labels = [...new Set(findings.map(({ label }) => label))]
  return [
    ...findings.map((finding, index) =>
      renderShape(finding, index, coloursBefore + labels.indexOf(finding.label), line),
    ),
    // Labels last, so that no shape covers them.
    ...findings.map((finding, index) => renderLabel(finding, index, font, line)),
  ]
}

/** Box shapes are only outlined: they overlap too much to be filled. */
function renderShape(
  { outlines, form }: Finding,
  index: number,
  colourIndex: number,
  line: number,
): string {
  const colour = colourAt(colourIndex)
  const path = outlines.map(renderPath).join('')
  const fill = form === 'mask' ? `${colour}" fill-opacity="0.35` : 'none'
  return (
    `<path class="rim" data-finding="${index}" d="${path}" fill="none" stroke="#fff" stroke-width="${round(line * RIM_LINES)}"/>` +
    `<path data-finding="${index}" d="${path}" fill="${fill}" stroke="${colour}" stroke-width="${round(line)}"/>`
  )
}

function renderPath(outline: readonly number[]): string {
  let path = ''
  for (let index = 0; index + 1 < outline.length; index += 2) {
    path += `${index === 0 ? 'M' : 'L'}${round(outline[index] ?? 0)} ${round(outline[index + 1] ?? 0)}`
  }
  return path === '' ? '' : `${path}Z`
}

/** White letters with a dark rim, readable on everything: above the shape, or in it at the top edge. */
function renderLabel(
  { label, outlines }: Finding,
  index: number,
  font: number,
  line: number,
): string {
  const clean = cleanText(label, 'paragraph')
  const points = outlines.flat()
  if (clean === '' || points.length < 2) return ''
  const [left, top] = boundsOf(points)
  const y = top > font * 1.3 ? top - font * 0.3 : top + font
  return (
    `<text data-finding="${index}" x="${round(left)}" y="${round(y)}" fill="#fff" stroke="#000" ` +
    `stroke-width="${round(line)}" stroke-linejoin="round" paint-order="stroke">` +
    `${escapeMarkup(shorten(clean))}</text>`
  )
}

function shorten(text: string): string {
  // Half a surrogate pair at the cut is dropped by `escapeMarkup`.
  return text.length <= LONGEST_LABEL ? text : `${text.slice(0, LONGEST_LABEL - 1)}…`
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
