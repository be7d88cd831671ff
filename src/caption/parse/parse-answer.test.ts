import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyText } from '../../../test/support/any-text.ts'
import { takesLinearTime } from '../../../test/support/linear-time.ts'
import { CONTROL_TOKENS } from '../control-tokens.ts'
import type { TaskData } from '../task-data.ts'
import type { AnswerGrammar } from '../tasks.ts'
import { parseAnswer } from './parse-answer.ts'
import type { ParseMode } from './parse-answer.ts'

const GRAMMARS = [
  'text',
  'quads',
  'boxes',
  'grounding',
  'proposals',
  'polygons',
  'boxes_or_polygons',
] as const satisfies readonly AnswerGrammar[]
const MODES = ['fixed', 'reference', 'native'] as const satisfies readonly ParseMode[]

const soup = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.nat({ max: 1100 }).map((bin) => `<loc_${bin}>`) },
      { weight: 2, arbitrary: fc.constantFrom(...CONTROL_TOKENS) },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          'car',
          ' ',
          '\n',
          '<',
          '<loc_',
          '<loc_>',
          `<loc_${'9'.repeat(400)}>`,
          'é',
          '中',
          '\ud800',
        ),
      },
      { weight: 1, arbitrary: anyText(8) },
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''))

const side = fc.integer({ min: 1, max: 100_000 })

function coordinatesOf(data: TaskData): readonly number[] {
  switch (data.kind) {
    case 'text':
      return []
    case 'boxes':
      return data.boxes.flatMap(({ box }) => box)
    case 'quads':
      return data.quads.flatMap(({ quad }) => quad)
    case 'polygons':
      return data.polygons.flatMap(({ outlines }) => outlines.flat())
    case 'boxes_or_polygons':
      return [
        ...data.boxes.flatMap(({ box }) => box),
        ...data.polygons.flatMap(({ outlines }) => outlines.flat()),
      ]
  }
}

describe('parseAnswer', () => {
  it.each(MODES)('makes something of any token soup in the mode %s', (mode) => {
    fc.assert(
      fc.property(
        soup,
        side,
        side,
        fc.constantFrom(...GRAMMARS),
        (answer, width, height, grammar) => {
          const data = parseAnswer(grammar, answer, { width, height }, { mode })
          expect(coordinatesOf(data).every(Number.isFinite)).toBe(true)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('keeps every coordinate on the picture by default', () => {
    fc.assert(
      fc.property(soup, side, fc.constantFrom(...GRAMMARS), (answer, size, grammar) => {
        for (const value of coordinatesOf(
          parseAnswer(grammar, answer, { width: size, height: size }),
        )) {
          expect(value).toBeGreaterThan(0)
          expect(value).toBeLessThan(size)
        }
      }),
      { numRuns: 500 },
    )
  })

  const seven = '<loc_1>'.repeat(7)
  it.each<[string, string]>([
    ['letters', 'a'.repeat(100_000)],
    ['white space', ' '.repeat(100_000)],
    ['line feeds', '\n'.repeat(100_000)],
    ['opening brackets', '<'.repeat(100_000)],
    ['unfinished locations', '<loc_1'.repeat(16_000)],
    ['one unfinished location', `<loc_${'1'.repeat(100_000)}`],
    ['locations', '<loc_1>'.repeat(14_000)],
    ['almost quads', `a${seven}`.repeat(2_000)],
    ['almost quads behind line feeds', `\n${seven}`.repeat(2_000)],
    ['line feeds before one quad', `${'\n'.repeat(100_000)}${seven}<loc_2>`],
    ['almost boxes', 'a<loc_1><loc_2><loc_3>'.repeat(4_500)],
    ['opened polygons', '<poly>'.repeat(16_000)],
    ['opened polygons behind a closed one', `</poly>${'<poly>'.repeat(16_000)}`],
    ['locations before a closing mark', `${'<loc_1>'.repeat(14_000)}</poly>`],
    ['separators', '<sep>'.repeat(20_000)],
    ['nested specials', `${'<'.repeat(30_000)}${'s>'.repeat(30_000)}`],
    ['boxes', 'car<loc_1><loc_2><loc_3><loc_4>'.repeat(3_200)],
  ])('reads 100 kB of %s at once', (_name, answer) => {
    for (const mode of MODES) {
      for (const grammar of GRAMMARS) {
        const isLinear = takesLinearTime(answer, (text) => {
          parseAnswer(grammar, text, { width: 640, height: 480 }, { mode })
        })
        expect([grammar, mode, isLinear]).toEqual([grammar, mode, true])
      }
    }
  })
})
