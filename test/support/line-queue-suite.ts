// What every queue of lines has to do: the embedded one, and any between machines.
import { describe, expect, it } from 'vitest'
import type { LineJob, LineQueue, LineResult } from '../../src/batches/line-queue.ts'

function job(batch: string, line: number, owner = 'local'): LineJob {
  return { batch, owner, endpoint: '/v1/responses', line, offset: line * 10, length: 9 }
}

function result(text: string): LineResult {
  return { text, failed: false, inputTokens: 1, outputTokens: 2 }
}

/** @param create a queue that nobody else uses. */
export function describeLineQueue(name: string, create: () => Promise<LineQueue>): void {
  describe(`the ${name} queue of lines`, () => {
    it('gives each line to one worker, and its result to who submitted it', async () => {
      const queue = await create()
      const results = [1, 2, 3].map(async (line) => queue.submit(job('a', line)))
      for (const _ of results) {
        const claim = await queue.claim()
        await claim?.result(result(`line ${claim.job.line}`))
      }
      expect((await Promise.all(results)).map((each) => each?.text)).toEqual([
        'line 1',
        'line 2',
        'line 3',
      ])
      await queue.close()
    })

    it('lets workers wait for lines', async () => {
      const queue = await create()
      const claims = [queue.claim(), queue.claim()]
      const results = [queue.submit(job('a', 1)), queue.submit(job('a', 2))]
      for (const claim of await Promise.all(claims)) await claim?.result(result('done'))
      expect(await Promise.all(results)).toEqual([result('done'), result('done')])
      await queue.close()
    })

    it('lets keys take turns', async () => {
      const queue = await create()
      const submitted = [
        ...[1, 2, 3, 4].map(async (line) => queue.submit(job('a', line, 'one'))),
        ...[1, 2].map(async (line) => queue.submit(job('b', line, 'two'))),
      ]
      const order: string[] = []
      for (const _ of submitted) {
        const claim = await queue.claim()
        order.push(`${claim?.job.batch}${claim?.job.line}`)
        await claim?.result(result('x'))
      }
      expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'a4'])
      await Promise.all(submitted)
      await queue.close()
    })

    it('drops a second result', async () => {
      const queue = await create()
      const submitted = queue.submit(job('a', 1))
      const claim = await queue.claim()
      expect(await claim?.result(result('first'))).toBe(true)
      expect(await claim?.result(result('second'))).toBe(false)
      await claim?.giveBack()
      expect((await submitted)?.text).toBe('first')
      await queue.close()
    })

    it('gives a line that was given back to another worker', async () => {
      const queue = await create()
      const submitted = queue.submit(job('a', 1))
      const first = await queue.claim()
      await first?.giveBack()
      // Who gave it back has nothing to say any more.
      expect(await first?.result(result('late'))).toBe(false)
      const second = await queue.claim()
      expect(second?.job).toEqual(job('a', 1))
      await second?.result(result('second'))
      expect((await submitted)?.text).toBe('second')
      await queue.close()
    })

    it('takes the lines of a cancelled batch back, but not those that are claimed', async () => {
      const queue = await create()
      const submitted = [1, 2, 3].map(async (line) => queue.submit(job('a', line)))
      const other = queue.submit(job('b', 1))
      const claim = await queue.claim()
      await queue.cancel('a')
      await claim?.result(result('claimed'))
      expect(await Promise.all(submitted)).toEqual([result('claimed'), undefined, undefined])
      expect(await queue.submit(job('a', 4))).toBeUndefined()
      const next = await queue.claim()
      expect(next?.job.batch).toBe('b')
      await next?.result(result('b'))
      expect(await other).toEqual(result('b'))
      await queue.close()
    })

    it('does not run a line of a cancelled batch that is given back', async () => {
      const queue = await create()
      const submitted = queue.submit(job('a', 1))
      const claim = await queue.claim()
      await queue.cancel('a')
      await claim?.giveBack()
      expect(await submitted).toBeUndefined()
      await queue.close()
    })

    it('knows nothing more of a batch that it was told to forget', async () => {
      const queue = await create()
      await queue.cancel('a')
      expect(await queue.submit(job('a', 1))).toBeUndefined()
      queue.forget('a')
      const submitted = queue.submit(job('a', 2))
      const claim = await queue.claim()
      expect(claim?.unwanted.aborted).toBe(false)
      await claim?.result(result('as of any other'))
      expect((await submitted)?.text).toBe('as of any other')
      await queue.close()
    })

    it('ends all waiting when it is closed', async () => {
      const queue = await create()
      const submitted = queue.submit(job('a', 1))
      const running = await queue.claim()
      const waiting = queue.submit(job('a', 2))
      const idle = create().then(async (empty) => {
        const claim = empty.claim()
        await empty.close()
        return claim
      })
      await queue.close()
      await running?.giveBack()
      expect(await Promise.all([submitted, waiting])).toEqual([undefined, undefined])
      expect(await idle).toBeUndefined()
      expect(await queue.claim()).toBeUndefined()
      expect(await queue.submit(job('a', 3))).toBeUndefined()
    })
  })
}
