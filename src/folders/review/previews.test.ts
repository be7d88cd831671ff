import { expect, it } from 'vitest'
import { createPreviews, type DrawPreview } from './previews.ts'

const picture = (name: string, mtimeMs = 0) => ({
  name,
  stamp: async () => ({ size: 4, mtimeMs }),
  read: async () => Buffer.from(`${name}${mtimeMs}`),
})

/** Draws by writing down what it was given. */
function createDrawer(length = 1) {
  const drawn: string[] = []
  const draw: DrawPreview = async (bytes, size) => {
    drawn.push(`${size} ${Buffer.from(bytes).toString()}`)
    return new Uint8Array(length)
  }
  return { drawn, draw }
}

it('draws a picture once for each size, and again when its file has changed', async () => {
  const { drawn, draw } = createDrawer()
  const previews = createPreviews(draw)
  await previews(picture('a'), 'small')
  await previews(picture('a'), 'small')
  await previews(picture('a'), 'large')
  await previews(picture('a', 1), 'small')
  expect(drawn).toEqual(['small a0', 'large a0', 'small a1'])
})

it('keeps no more than some megabytes', async () => {
  const { drawn, draw } = createDrawer(20 * 1024 * 1024)
  const previews = createPreviews(draw)
  for (const name of ['a', 'b', 'a']) await previews(picture(name), 'large')
  expect(drawn).toEqual(['large a0', 'large b0', 'large a0'])
})

it('draws no picture that was scrolled past, and the others all the same', async () => {
  const { drawn, draw } = createDrawer()
  const previews = createPreviews(draw)
  const gone = new AbortController()
  const asked = ['a', 'b', 'c', 'd'].map(async (name) =>
    previews(picture(name), 'small', name === 'c' ? gone.signal : undefined),
  )
  gone.abort()
  const ends = await Promise.allSettled(asked)
  expect(ends.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
  ])
  expect(drawn).toEqual(['small a0', 'small b0', 'small d0'])
})

it('tries again after a picture could not be drawn', async () => {
  let calls = 0
  const previews = createPreviews(async () => {
    calls += 1
    if (calls === 1) throw new Error('the process ended')
    return new Uint8Array(1)
  })
  await expect(previews(picture('a'), 'small')).rejects.toThrow('ended')
  expect(await previews(picture('a'), 'small')).toHaveLength(1)
})
