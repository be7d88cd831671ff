import { afterEach, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createReviewServer } from './review-server.ts'

afterEach(() => vi.unstubAllGlobals())

const Body = z.object({ changes: z.array(z.object({ name: z.string() })) })

/** A server that refuses the change of `refused` and saves all others. */
function stubServer(refused: string): number[] {
  const sizes: number[] = []
  vi.stubGlobal('fetch', async (_url: URL, { body }: { readonly body: string }) => {
    const { changes } = Body.parse(JSON.parse(body))
    sizes.push(changes.length)
    const conflicts = changes
      .filter(({ name }) => name === refused)
      .map(({ name }) => ({ name, theirs: 'theirs' }))
    return Response.json(
      { saved: [], conflicts, failed: [] },
      { status: conflicts.length > 0 ? 409 : 200 },
    )
  })
  return sizes
}

it('sends thousands of changes in parts, and tells of progress and of the conflicts in each', async () => {
  const sizes = stubServer('p230')
  const server = createReviewServer('http://127.0.0.1:1/', 'secret')
  const changes = Array.from({ length: 301 }, (_, index) => ({
    name: `p${index}`,
    before: 'a',
    after: 'b',
  }))
  const told: number[] = []
  const { conflicts } = await server.save(changes, { onProgress: (done) => told.push(done) })
  expect(sizes).toEqual([100, 100, 100, 1])
  expect(told).toEqual([100, 200, 300, 301])
  expect(conflicts).toEqual([{ name: 'p230', theirs: 'theirs' }])
  const stop = new AbortController()
  await server.save(changes, { onProgress: () => stop.abort(), signal: stop.signal })
  expect(sizes).toEqual([100, 100, 100, 1, 100])
})
