// Draws what tasks found as an SVG image that lies over the picture.
import { cleanText } from './clean-text.ts'
import type { PictureSize } from './ports.ts'
import type { TaskData } from './task-data.ts'

export interface OverlayOptions {
  /** Address of the picture, mostly a data URL: drawn below the shapes. */
  readonly pictureHref?: string
}

interface Shape {
  readonly label: string
  /** Each is x and y in turn. */
  readonly outlines: readonly (readonly number[])[]
  /** Box shapes are only outlined: they overlap too much to be filled. */
  readonly filled: boolean
}

/** Shares of the picture's shorter side, so that drawings of all sizes look alike. */
const LINE_SHARE = 0.004
const FONT_SHARE = 0.03
/** Below these, in pixels of the picture, neither line nor letter can be seen. */
const LEAST_LINE = 1
const LEAST_FONT = 8
/** A description longer than this covers more than it tells. */
const LONGEST_LABEL = 60
/** Neighbouring multiples of the golden angle lie far apart on the circle of hues. */
const GOLDEN_ANGLE = 137.508

/**
 * The SVG document, in pixels of the picture. Answers in plain text have no shapes: their overlay is
 * empty. Everything that came from the model is escaped.
 * @param data of one task, or of several that are drawn one over the other.
 */
export function renderOverlay(
  data: TaskData | readonly TaskData[],
  { width, height }: PictureSize,
  { pictureHref }: OverlayOptions = {},
): string {
  const side = Math.min(width, height)
  const line = Math.max(LEAST_LINE, side * LINE_SHARE)
  const font = Math.max(LEAST_FONT, side * FONT_SHARE)
  const picture =
    pictureHref === undefined
      ? []
      : [`<image href="${escapeXml(pictureHref)}" width="${width}" height="${height}"/>`]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
      `width="${width}" height="${height}" font-family="sans-serif" font-size="${round(font)}">`,
    ...picture,
    ...[data].flat().flatMap((one) => renderTask(toShapes(one), font, line)),
    '</svg>',
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function renderTask(shapes: readonly Shape[], font: number, line: number): readonly string[] {
  const labels = [...new Set(shapes.map(({ label }) => label))]
  return [
    ...shapes.map((shape) => renderShape(shape, labels.indexOf(shape.label), line)),
    // Labels last, so that no shape covers them.
    ...shapes.map((shape) => renderLabel(shape, font, line)),
  ]
}

function toShapes(data: TaskData): readonly Shape[] {
  switch (data.kind) {
    case 'text':
      return []
    case 'boxes':
      return data.boxes.map(toBoxShape)
    case 'quads':
      return data.quads.map(({ label, quad }) => ({ label, outlines: [quad], filled: false }))
    case 'polygons':
      return data.polygons.map((polygon) => ({ ...polygon, filled: true }))
    case 'boxes_or_polygons':
      return [
        ...data.boxes.map(toBoxShape),
        ...data.polygons.map((polygon) => ({ ...polygon, filled: true })),
      ]
  }
}

function toBoxShape({
  label,
  box: [x1, y1, x2, y2],
}: {
  readonly label: string
  readonly box: readonly [number, number, number, number]
}): Shape {
  return { label, outlines: [[x1, y1, x2, y1, x2, y2, x1, y2]], filled: false }
}

function renderShape({ outlines, filled }: Shape, colourIndex: number, line: number): string {
  const colour = `hsl(${Math.round((colourIndex * GOLDEN_ANGLE) % 360)}, 90%, 45%)`
  const path = outlines.map(renderPath).join('')
  const fill = filled ? `${colour}" fill-opacity="0.35` : 'none'
  return `<path d="${path}" fill="${fill}" stroke="${colour}" stroke-width="${round(line)}"/>`
}

function renderPath(outline: readonly number[]): string {
  let path = ''
  for (let index = 0; index + 1 < outline.length; index += 2) {
    path += `${index === 0 ? 'M' : 'L'}${round(outline[index] ?? 0)} ${round(outline[index + 1] ?? 0)}`
  }
  return path === '' ? '' : `${path}Z`
}

/** White letters with a dark rim, readable on everything: above the shape, or in it at the top edge. */
function renderLabel({ label, outlines }: Shape, font: number, line: number): string {
  const clean = cleanText(label, 'paragraph')
  const points = outlines.flat()
  if (clean === '' || points.length < 2) return ''
  const left = Math.min(...points.filter((_, index) => index % 2 === 0))
  const top = Math.min(...points.filter((_, index) => index % 2 === 1))
  const y = top > font * 1.3 ? top - font * 0.3 : top + font
  return (
    `<text x="${round(left)}" y="${round(y)}" fill="#fff" stroke="#000" ` +
    `stroke-width="${round(line)}" stroke-linejoin="round" paint-order="stroke">` +
    `${escapeXml(shorten(clean))}</text>`
  )
}

function shorten(text: string): string {
  // Half a surrogate pair at the cut is dropped by `escapeXml`.
  return text.length <= LONGEST_LABEL ? text : `${text.slice(0, LONGEST_LABEL - 1)}…`
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** What an XML document may not contain in any form: most control characters, lone surrogates. */
// oxlint-disable-next-line no-control-regex -- finding control characters is its purpose
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu

function escapeXml(text: string): string {
  return text
    .replaceAll(NOT_XML, '')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
