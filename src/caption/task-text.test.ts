import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyText } from '../../test/support/any-text.ts'
import { takesLinearTime } from '../../test/support/linear-time.ts'
import { parseTaskText } from './task-text.ts'
import { TASKS, TASK_IDS } from './tasks.ts'

describe('parseTaskText', () => {
  it.each([
    ['<OD>', { task: 'od' }],
    ['  \n<OCR> ', { task: 'ocr' }],
    ['<DETAILED_CAPTION> What is in this picture?', { task: 'detailed_caption' }],
    [
      '<CAPTION_TO_PHRASE_GROUNDING> a red car ',
      { task: 'caption_to_phrase_grounding', input: 'a red car' },
    ],
    ['<CAPTION_TO_PHRASE_GROUNDING>', { task: 'caption_to_phrase_grounding' }],
    ['<DocVQA>What is the total?', { task: 'docvqa', input: 'What is the total?' }],
    [
      '<REGION_TO_CATEGORY><loc_1><loc_2><loc_3><loc_4>',
      { task: 'region_to_category', region: { unit: 'bin', box: [1, 2, 3, 4] } },
    ],
    [
      '<REGION_TO_OCR> [34, 160.5, 597, 372]',
      { task: 'region_to_ocr', region: { unit: 'pixel', box: [34, 160.5, 597, 372] } },
    ],
    ['<REGION_TO_OCR> the number plate', { task: 'region_to_ocr' }],
    ['<REGION_TO_OCR><loc_1><loc_2><loc_3>', { task: 'region_to_ocr' }],
  ])('reads %j', (text, choice) => {
    expect(parseTaskText(text)).toEqual(choice)
  })

  it.each([
    '',
    '   ',
    'What is in this picture?',
    'Use <OD> please',
    '<',
    '<>',
    '<OD',
    '<od>',
    '<caption>Write one</caption>',
    '<description>',
    '<CAPTION_>',
    '<constructor>',
    '</OD>',
    '<<OD>>',
  ])('lets the ordinary text %j choose nothing', (text) => {
    expect(parseTaskText(text)).toBeUndefined()
  })

  it('knows the token of every task', () => {
    for (const id of TASK_IDS) expect(parseTaskText(TASKS[id].token)).toEqual({ task: id })
  })

  it('never throws', () => {
    const soup = fc.array(
      fc.oneof(
        fc.constantFrom(
          '<',
          '>',
          ' ',
          '<loc_1>',
          '<loc_9999>',
          '1,',
          ...TASK_IDS.map((id) => TASKS[id].token),
        ),
        anyText(20),
      ),
    )
    fc.assert(
      fc.property(soup, (parts) => {
        expect([undefined, ...TASK_IDS]).toContain(parseTaskText(parts.join(''))?.task)
      }),
    )
  })

  it.each([
    ['spaces', ' '.repeat(1_000_000)],
    ['angle brackets', '<'.repeat(1_000_000)],
    ['an endless tag', `<${'A'.repeat(1_000_000)}>`],
    ['locations', `<REGION_TO_OCR>${'<loc_1>'.repeat(150_000)}`],
    ['digits', `<REGION_TO_OCR>${'1'.repeat(1_000_000)}`],
    ['spaces behind a token', `<OCR_WITH_REGION>${' '.repeat(1_000_000)}x`],
  ])('is quick with a megabyte of %s', (_name, text) => {
    expect(takesLinearTime(text, (piece) => void parseTaskText(piece))).toBe(true)
  })
})
