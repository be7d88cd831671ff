import { describe, expect, it } from 'vitest'
import { createBodyBudget, readBody } from './read-body.ts'

const LIMITS = { maxBodyBytes: 100, maxPendingBodyBytes: 150, bodyIdleMs: 50 }

function share() {
  return createBodyBudget(LIMITS.maxPendingBodyBytes).open()
}

function streamed(chunks: readonly Uint8Array[], end: 'close' | 'stall' | 'error' = 'close') {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      if (end === 'close') controller.close()
      if (end === 'error') controller.error(new Error('socket hang up'))
    },
  })
  return new Request('http://h/', { method: 'POST', body, duplex: 'half' })
}

describe('readBody', () => {
  it('joins the chunks of a body', async () => {
    const request = streamed([Uint8Array.of(1, 2), Uint8Array.of(3)])
    expect([...(await readBody(request, LIMITS, share()))]).toEqual([1, 2, 3])
  })

  it('reads an absent body as no bytes', async () => {
    const request = new Request('http://h/', { method: 'POST' })
    expect(await readBody(request, LIMITS, share())).toHaveLength(0)
  })

  it('refuses a body by its announced length before reading it', async () => {
    const request = new Request('http://h/', {
      method: 'POST',
      body: 'x',
      headers: { 'content-length': '101' },
    })
    await expect(readBody(request, LIMITS, share())).rejects.toMatchObject({
      code: 'body_too_large',
      message: 'Expected a request body of at most 100 bytes, got 101 bytes.',
    })
  })

  it('refuses a body that grows beyond the limit without announcing it', async () => {
    const request = streamed([new Uint8Array(60), new Uint8Array(60)])
    await expect(readBody(request, LIMITS, share())).rejects.toMatchObject({
      code: 'body_too_large',
    })
  })

  it('accepts a body of exactly the limit', async () => {
    const request = streamed([new Uint8Array(100)])
    expect(await readBody(request, LIMITS, share())).toHaveLength(100)
  })

  it('refuses when all bodies together exceed the budget, until one is released', async () => {
    const budget = createBodyBudget(LIMITS.maxPendingBodyBytes)
    const first = budget.open()
    await readBody(streamed([new Uint8Array(100)]), LIMITS, first)
    const second = budget.open()
    await expect(readBody(streamed([new Uint8Array(60)]), LIMITS, second)).rejects.toMatchObject({
      code: 'queue_full',
      retry: 'later',
    })
    second.release()
    first.release()
    expect(await readBody(streamed([new Uint8Array(60)]), LIMITS, budget.open())).toHaveLength(60)
  })

  it('lets the largest body that is still arriving make room for a smaller one', async () => {
    const budget = createBodyBudget(LIMITS.maxPendingBodyBytes)
    const limits = { ...LIMITS, bodyIdleMs: 10_000 }
    const flood = [80, 60].map(async (size) =>
      readBody(streamed([new Uint8Array(size)], 'stall'), limits, budget.open()),
    )
    const largest = flood[0]!.catch((error: unknown) => error)
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(await readBody(streamed([new Uint8Array(20)]), limits, budget.open())).toHaveLength(20)
    expect(await largest).toMatchObject({ code: 'queue_full' })
    const other = await Promise.race([flood[1]!, Promise.resolve('still arriving')])
    expect(other).toBe('still arriving')
  })

  it.each(['gzip', 'br', 'deflate, gzip'])(
    'refuses a body compressed with %s',
    async (encoding) => {
      const request = new Request('http://h/', {
        method: 'POST',
        body: 'x',
        headers: { 'content-encoding': encoding },
      })
      await expect(readBody(request, LIMITS, share())).rejects.toMatchObject({
        code: 'invalid_request',
      })
    },
  )

  it('gives up on a body that stops arriving', async () => {
    const request = streamed([new Uint8Array(1)], 'stall')
    await expect(readBody(request, LIMITS, share())).rejects.toMatchObject({
      code: 'body_timeout',
      message: expect.stringContaining('stopped arriving'),
    })
  })

  it('reports a connection that closes midway as cancelled', async () => {
    const request = streamed([], 'error')
    await expect(readBody(request, LIMITS, share())).rejects.toMatchObject({ code: 'cancelled' })
  })
})
