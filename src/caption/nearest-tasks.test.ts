import { describe, expect, it } from 'vitest'
import { refuseUnknownToken } from './nearest-tasks.ts'
import { TASKS, TASK_IDS } from './tasks.ts'

describe('refuseUnknownToken', () => {
  it.each([
    ['<od>', '<OD>'],
    ['<CAPTIONS>', '<CAPTION>'],
    [' <Caption> in one sentence', '<CAPTION>'],
    ['<MORE_DETAILED_CAPTIONS> please', '<MORE_DETAILED_CAPTION>'],
    ['<DETAILED CAPTION>', '<DETAILED_CAPTION>'],
    ['<OCR_WITH_REGIONS>', '<OCR_WITH_REGION>'],
    ['<summarise>', '<OD>'],
  ])('refuses %j and names %s', (text, token) => {
    expect(() => refuseUnknownToken(text)).toThrow(
      expect.objectContaining({ code: 'unknown_task', hint: expect.stringContaining(token) }),
    )
  })

  it.each([
    'What is this?',
    '<image>',
    '<image>\nDescribe it.',
    '<description> Write one.',
    '<caption>Write a caption</caption>',
    '<INSTRUCTIONS> Describe the picture in detail.',
    '<|im_start|>user',
    '< OD >',
    '3 < 4 and 5 > 2',
    '',
  ])('leaves %j alone', (text) => {
    expect(() => refuseUnknownToken(text)).not.toThrow()
  })

  it('is asked only where no token was found: each token is nearest to itself', () => {
    for (const id of TASK_IDS) {
      const { token } = TASKS[id]
      expect(() => refuseUnknownToken(token.toLowerCase())).toThrow(
        expect.objectContaining({ hint: expect.stringMatching(`^Did you mean ${token}[ ?]`) }),
      )
    }
  })
})
