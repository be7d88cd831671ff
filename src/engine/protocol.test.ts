import { describe, expect, it } from 'vitest'
import { FlocapError } from '../base/errors.ts'
import { fromWireError, toWireError } from './protocol.ts'

/** As between processes: structured clone keeps data and drops classes. */
const across = (error: FlocapError): FlocapError =>
  fromWireError(structuredClone(toWireError(error)))

describe('an error that crosses to the server', () => {
  it('keeps code, message, hint, subject and cause', () => {
    const error = new FlocapError('invalid_model', 'The tensor is none.', {
      hint: 'Fetch it again.',
      subject: 'lm_head.weight',
      cause: new RangeError('a number of shards'),
    })
    const received = across(error)
    expect(received).toBeInstanceOf(FlocapError)
    expect(received).toMatchObject({
      code: 'invalid_model',
      message: 'The tensor is none.',
      hint: 'Fetch it again.',
      subject: 'lm_head.weight',
      cause: { name: 'RangeError', message: 'a number of shards' },
    })
  })

  it('has nothing that it had not before', () => {
    const { hint, subject, cause } = across(new FlocapError('cancelled', 'It was cancelled.'))
    expect([hint, subject, cause]).toEqual([undefined, undefined, undefined])
  })
})
