// read_text: the text on a picture, in the order in which people read it.
import { z } from 'zod'
import { boundsOf } from '../../caption/bounds.ts'
import { toReadingLines } from '../../caption/reading-order.ts'
import { Base, Box, Image, Score } from '../fields.ts'
import { at, baseOf, quadsOf, roundPixels, roundScore, scoreOf } from '../results.ts'
import { defineTool } from '../tool.ts'

const Line = z.object({
  text: z.string(),
  box: Box.optional(),
  quad: z
    .array(z.number())
    .length(8)
    .optional()
    .describe('The four corners, x and y in turn, in pixels.'),
  score: Score,
})

export const readText = defineTool({
  name: 'read_text',
  title: 'Read the text on a picture',
  description:
    'Reads printed and written text on one picture (OCR), in reading order. With where, each piece of text has its box and corners in pixels. Small print on large pictures may be missed: crop first.',
  input: z.strictObject({
    image: Image,
    where: z.boolean().default(false).describe('Also say where each piece of text is.'),
  }),
  output: z.object({
    text: z.string().describe('All of it; empty where there is none.'),
    lines: z.array(Line).describe('In reading order.'),
    ...Base,
  }),
  async run({ image, where }, call) {
    const picture = await call.readPicture(image, 'image')
    const results = await call.ask(picture, [{ task: where ? 'ocr_with_region' : 'ocr' }])
    const { data, confidence, text: said } = at(results, 0)
    const lines = where ? placedLines(data) : plainLines(data, roundScore(confidence))
    const text = where
      ? rowsOf(data)
          .map((row) => row.map(({ label }) => label).join(' '))
          .join('\n')
      : lines.map((line) => line.text).join('\n')
    return { text: text === '' ? said : text, structured: { text, lines, ...baseOf(results) } }
  },
})

type Data = Parameters<typeof quadsOf>[0]

function rowsOf(data: Data) {
  return toReadingLines(quadsOf(data))
}

function placedLines(data: Data): z.input<typeof Line>[] {
  return rowsOf(data)
    .flat()
    .map(({ label, quad, ...more }) => ({
      text: label,
      box: roundPixels(boundsOf(quad)),
      quad: roundPixels(quad),
      ...scoreOf(more),
    }))
}

/** Without places the model gives one text, so one score stands for all of it. */
function plainLines(data: Data, score: number): z.input<typeof Line>[] {
  const text = data.kind === 'text' ? data.text : ''
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => ({ text: line, score }))
}
