import { describe, expect, it } from 'vitest'
import { FlocapError } from '../base/errors.ts'
import { parseQueueUrl } from './queue-url.ts'

describe('parseQueueUrl', () => {
  it.each([
    ['redis://host:6379', 'redis', 'redis://host:6379'],
    ['rediss://host/1', 'redis', 'rediss://host/1'],
    ['valkey://host', 'redis', 'redis://host'],
    ['valkeys://host', 'redis', 'rediss://host'],
    ['postgres://u:p@host/db', 'postgres', 'postgres://u:p@host/db'],
    ['postgresql://host/db', 'postgres', 'postgres://host/db'],
  ])('%s is %s, by its driver %s', (text, broker, url) => {
    expect(parseQueueUrl(text)).toMatchObject({ broker, url })
  })

  it('shows neither user nor password', () => {
    const { shown } = parseQueueUrl('postgres://ann:secret@host:5432/db')
    expect(shown).toBe('postgres://host:5432/db')
  })

  it.each(['', 'host:6379', 'kafka://host', 'redis:', '/tmp/redis.sock'])(
    '%j is no address of a broker',
    (text) => {
      expect(() => parseQueueUrl(text)).toThrow(FlocapError)
    },
  )

  it('says no password in its error', () => {
    expect(() => parseQueueUrl('amqp://ann:secret@host')).toThrow(/^(?!.*secret).*amqp:\/\/host/)
  })
})
