import { describe, expect, it } from 'vitest'
import { createTrouble } from './trouble.ts'

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

describe('createTrouble', () => {
  it('is told once, and once when it is over', () => {
    const told: (string | undefined)[] = []
    const trouble = createTrouble((sentence) => void told.push(sentence))
    trouble.report(new Error('connect ECONNREFUSED'))
    trouble.report(new Error('read ECONNRESET'))
    trouble.clear()
    trouble.clear()
    expect(told).toEqual(['The queue does not answer: connect ECONNREFUSED.', undefined])
  })

  it('lasts as long as one of those who ask is refused', () => {
    const trouble = createTrouble()
    const [writer, reader] = [{}, {}]
    trouble.report(new Error("OOM command not allowed when used memory > 'maxmemory'."), writer)
    trouble.clear(reader)
    expect(trouble.sentence()).toContain('OOM command not allowed')
    trouble.clear(writer)
    expect(trouble.sentence()).toBeUndefined()
  })

  it('says why connections end, rather than that they were closed', () => {
    const trouble = createTrouble()
    const closed = Object.assign(new Error('Reached the max retries'), {
      name: 'MaxRetriesPerRequestError',
    })
    const asking = {}
    trouble.report(closed, asking)
    expect(trouble.sentence()).toBe('The queue does not answer: The connection was closed.')
    trouble.report(new Error('NOAUTH Authentication required.'))
    trouble.report(closed, asking)
    expect(trouble.sentence()).toContain('NOAUTH')
  })

  it('is over with the last who asked', () => {
    const trouble = createTrouble()
    const asking = {}
    trouble.report(new Error('gone'), asking)
    trouble.forget(asking)
    expect(trouble.sentence()).toBeUndefined()
  })

  it.each([
    [new Error('WRONGPASS invalid username-password pair'), 'Set user and password'],
    [new Error('NOAUTH Authentication required.'), 'Set user and password'],
    [coded('28P01', 'password authentication failed for user "x"'), 'Set user and password'],
    [new Error('READONLY You can’t write against a read only replica.'), 'address of the primary'],
    [coded('25006', 'cannot execute INSERT in a read-only transaction'), 'address of the primary'],
    [new Error('MISCONF Redis is configured to save RDB snapshots'), 'make room there'],
    [coded('53100', 'could not extend file: No space left on device'), 'make room there'],
    [coded('53300', 'sorry, too many clients already'), 'max_connections'],
    [coded('57P01', 'terminating connection due to administrator command'), 'when it is back'],
    [new Error('LOADING Redis is loading the dataset in memory'), 'It starts'],
    [coded('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'), 'NODE_EXTRA_CA_CERTS'],
    [coded('ERR_TLS_CERT_ALTNAME_INVALID', 'Hostname does not match'), 'NODE_EXTRA_CA_CERTS'],
    [coded('3D000', 'database "x" does not exist'), 'Create the database'],
  ])('%s: %s', (error, advice) => {
    const trouble = createTrouble()
    trouble.report(error)
    expect(trouble.sentence()).toContain(advice)
  })

  it('advises nothing where the error says enough', () => {
    const trouble = createTrouble()
    trouble.report(coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:6379'))
    expect(trouble.sentence()).toBe(
      'The queue does not answer: connect ECONNREFUSED 127.0.0.1:6379.',
    )
  })
})
