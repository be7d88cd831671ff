import { describe, expect, it } from 'vitest'
import { FlocapError } from '../base/errors.ts'
import { isFinal, pauseAfter } from './keep-trying.ts'

describe('keeping to try', () => {
  it('waits ever longer, up to ten minutes', () => {
    expect([1, 2, 3, 7, 1_000].map(pauseAfter)).toEqual([10_000, 20_000, 40_000, 600_000, 600_000])
  })

  it('is for what may pass or be mended, not for what was asked for wrongly', () => {
    const codes = ['invalid_model', 'disk_full', 'model_download_failed', 'engine_failed'] as const
    for (const code of codes) expect(isFinal(new FlocapError(code, ''))).toBe(false)
    const wrong = ['model_not_found', 'invalid_setting', 'device_unavailable'] as const
    for (const code of wrong) expect(isFinal(new FlocapError(code, ''))).toBe(true)
  })
})
