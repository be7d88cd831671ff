import { describe, expect, it } from 'vitest'
import { fromErrorRecord, recordErrors, toErrorRecord } from './error-record.ts'
import { FlocapError } from './errors.ts'

function createChain(): FlocapError {
  const missing = Object.assign(new Error('no such file'), { code: 'ENOENT' })
  const middle = new TypeError('cannot open', { cause: missing })
  return new FlocapError('internal_error', 'FloCap failed.', { cause: middle })
}

describe('toErrorRecord', () => {
  it('keeps message, code and stack of an error and of each cause', () => {
    expect(toErrorRecord(createChain())).toMatchObject({
      name: 'FlocapError',
      message: 'FloCap failed.',
      code: 'internal_error',
      stack: expect.stringContaining('createChain'),
      cause: {
        name: 'TypeError',
        message: 'cannot open',
        stack: expect.stringContaining('createChain'),
        cause: { message: 'no such file', code: 'ENOENT', stack: expect.any(String) },
      },
    })
  })

  it('survives JSON and the way to another process', () => {
    const record = toErrorRecord(createChain())
    expect(JSON.parse(JSON.stringify(record))).toEqual(record)
    expect(structuredClone(record)).toEqual(record)
  })

  it('names what is thrown and is no error', () => {
    expect(toErrorRecord('out of paper')).toEqual({ name: 'string', message: 'out of paper' })
    expect(toErrorRecord(undefined)).toEqual({ name: 'undefined', message: 'undefined' })
  })

  it('tells the errors of several attempts', () => {
    const error = new AggregateError([new Error('first'), new Error('second')], 'both failed')
    expect(toErrorRecord(error).errors).toMatchObject([{ message: 'first' }, { message: 'second' }])
  })

  it('ends in a circle of causes', () => {
    const error = new Error('again')
    error.cause = error
    expect(JSON.stringify(toErrorRecord(error)).match(/"message"/g)).toHaveLength(8)
  })
})

describe('fromErrorRecord', () => {
  it('makes an error that has the same record', () => {
    const record = toErrorRecord(createChain())
    expect(toErrorRecord(fromErrorRecord(record))).toEqual(record)
    const several = toErrorRecord(new AggregateError([new Error('first')], 'all failed'))
    expect(toErrorRecord(fromErrorRecord(several))).toEqual(several)
  })
})

describe('recordErrors', () => {
  it('finds errors under any key and depth and leaves everything else', () => {
    const at = new Date(0)
    const fields = recordErrors({
      reason: new Error('one'),
      attempts: [{ failure: new Error('two') }],
      path: '/caption',
      at,
    })
    expect(fields).toMatchObject({
      reason: { message: 'one', stack: expect.any(String) },
      attempts: [{ failure: { message: 'two', stack: expect.any(String) } }],
      path: '/caption',
    })
    expect(fields['at']).toBe(at)
  })
})
