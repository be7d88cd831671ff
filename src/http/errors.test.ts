import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../base/errors.ts'
import { ERROR_CODES, FlocapError } from '../base/errors.ts'
import { STATUS, errorHeaders, errorText, reasonPhrase } from './errors.ts'

const CODES = Object.keys(ERROR_CODES).filter((code): code is ErrorCode => code in ERROR_CODES)

describe.each(CODES)('the HTTP side of %s', (code) => {
  const error = new FlocapError(code, 'It failed.', { hint: 'Do this.' })
  const headers = errorHeaders(error)

  it('stops SDKs from repeating what cannot succeed', () => {
    expect(headers['x-should-retry']).toBe(error.retry === 'never' ? 'false' : undefined)
  })

  it('tells how long to wait exactly where an SDK would repeat by itself', () => {
    const retriedBySdks = STATUS[code] >= 500 && error.retry === 'later'
    expect(headers['retry-after']).toBe(retriedBySdks ? '5' : undefined)
  })

  it('has a reason phrase that may stand in a status line', () => {
    expect(reasonPhrase(error)).toMatch(/^[\x20-\x7e]+$/)
    expect(reasonPhrase(error)).toContain(ERROR_CODES[code].meaning)
  })
})

describe('errorHeaders', () => {
  it('counts the wait in whole seconds', () => {
    const error = new FlocapError('queue_full', 'Full.', { retryAfterSeconds: 2.2 })
    expect(errorHeaders(error)['retry-after']).toBe('3')
  })
})

describe('errorText', () => {
  it('joins message and hint', () => {
    expect(errorText(new FlocapError('not_found', 'No.', { hint: 'Yes.' }))).toBe('No. Yes.')
    expect(errorText(new FlocapError('not_found', 'No.'))).toBe('No.')
  })
})
