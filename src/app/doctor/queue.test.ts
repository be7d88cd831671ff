import { describe, expect, it, onTestFinished } from 'vitest'
import { BROKERS } from '../../../test/support/brokers.ts'
import { connectBroker } from '../../../test/support/connect-broker.ts'
import { announce } from '../../queue/worker-notes.ts'
import { inspectQueue } from './queue.ts'

const WORKER = {
  id: 'a',
  model: 'base',
  fingerprint: '0123456789abcdef',
  kernels: 'avx2',
  device: 'cpu',
  places: 4,
  secondsEach: null,
  draining: false,
}

describe('the doctor on a queue', () => {
  it('says nothing where none was asked for', async () => {
    expect(await inspectQueue('')).toEqual([])
  })

  it('names an address that is none, and one where nothing answers, without the password', async () => {
    expect(await inspectQueue('http://host')).toMatchObject([{ status: 'problem', name: 'queue' }])
    for (const url of ['redis://u:s3cret@127.0.0.1:9', 'postgres://u:s3cret@127.0.0.1:9/d']) {
      const findings = await inspectQueue(url)
      expect(findings).toMatchObject([
        {
          status: 'problem',
          detail: expect.stringContaining('127.0.0.1:9'),
          cure: expect.any(String),
        },
      ])
      expect(JSON.stringify(findings)).not.toContain('s3cret')
    }
  })

  describe.each(BROKERS)('on $name', ({ create, missing }) => {
    it.skipIf(missing !== undefined)('tells its version and who works there', async () => {
      const broker = await create()
      onTestFinished(async () => broker.remove())
      expect(await inspectQueue(broker.url)).toMatchObject([
        {
          name: 'queue',
          status: 'ok',
          detail: expect.stringMatching(/^(Redis|Valkey|PostgreSQL) \d/),
        },
        { name: 'workers', status: 'warning', cure: expect.stringContaining('flocap worker') },
      ])
      const { store } = await connectBroker(broker.url)
      onTestFinished(async () => store.close())
      await announce(store, WORKER)
      await announce(store, { ...WORKER, id: 'b' })
      expect((await inspectQueue(broker.url))[1]).toEqual({
        name: 'workers',
        status: 'ok',
        detail: '2 with base on cpu (avx2, 01234567), 8 lines at once',
      })
      await announce(store, { ...WORKER, id: 'c', kernels: 'amx' })
      expect((await inspectQueue(broker.url))[1]).toMatchObject({ status: 'warning' })
    })
  })

  const [redis] = BROKERS
  it.skipIf(redis?.missing !== undefined)(
    'warns of a Redis that keeps nothing on its disk',
    async () => {
      const broker = await redis!.create(false)
      onTestFinished(async () => broker.remove())
      const findings = await inspectQueue(broker.url)
      expect(findings).toContainEqual(
        expect.objectContaining({ name: 'queue disk', cure: 'In redis.conf: appendonly yes' }),
      )
    },
  )
})
