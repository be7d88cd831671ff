import { describe, expect, it } from 'vitest'
import { parseRegionOption } from './region-option.ts'

describe('parseRegionOption', () => {
  it.each([
    ['34,160,597,372', 'pixel', [34, 160, 597, 372]],
    ['0, 0, 1.5, 2', 'pixel', [0, 0, 1.5, 2]],
    ['0.1,0.2,0.9,1', 'fraction', [0.1, 0.2, 0.9, 1]],
    ['0,0,1,1', 'fraction', [0, 0, 1, 1]],
    ['<loc_1><loc_2><loc_3><loc_4>', 'bin', [1, 2, 3, 4]],
    ['<loc_0><loc_0><loc_1><loc_1>', 'bin', [0, 0, 1, 1]],
  ])('reads %s as a %s', (text, unit, box) => {
    expect(parseRegionOption(text)).toEqual({ unit, box })
  })

  it.each(['', '1,2,3', '1,2,3,4,5', 'a,b,c,d', '-1,0,5,5'])('refuses %j', (text) => {
    expect(() => parseRegionOption(text)).toThrow(
      expect.objectContaining({ code: 'invalid_task_input', subject: '--region' }),
    )
  })
})
