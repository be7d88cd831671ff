import { describe, expect, it } from 'vitest'
import { LOOK_SIDE, type PictureLook } from '../../caption/ports.ts'
import { type Frame, joinAlike, joinEqual } from './frames.ts'

/** Each file is one byte, and looks as bright as that says. */
function frames(...brightness: readonly number[]): Frame[] {
  return brightness.map((value, index) => ({ bytes: Uint8Array.of(value), number: index + 1 }))
}

const look = async (pictures: readonly Uint8Array[]): Promise<PictureLook[]> =>
  pictures.map(([brightness = 0]) => ({
    width: 640,
    height: 480,
    cells: new Uint8Array(LOOK_SIDE * LOOK_SIDE * 3).fill(brightness),
  }))

const { signal } = new AbortController()

const labelsOf = (pictures: readonly { readonly labels: readonly string[] }[]) =>
  pictures.map(({ labels }) => labels.join(', '))

describe('joinAlike', () => {
  it('joins neighbours that look the same, and no others', async () => {
    const pictures = await joinAlike(frames(100, 101, 100, 180, 181, 100), look, signal)
    expect(labelsOf(pictures)).toEqual(['Images 1-3', 'Images 4-5', 'Image 6'])
    expect(pictures.map(({ bytes }) => bytes[0])).toEqual([100, 180, 100])
  })

  it('compares with the one that is described, so that a slow change ends a group', async () => {
    const pictures = await joinAlike(frames(100, 101, 102, 103), look, signal)
    expect(labelsOf(pictures)).toEqual(['Images 1-2', 'Images 3-4'])
  })

  it('keeps the names that the client has given', async () => {
    const [first, second] = frames(100, 101)
    if (first === undefined || second === undefined) throw new TypeError('two frames')
    const pictures = await joinAlike([{ ...first, label: 'Door' }, second], look, signal)
    expect(labelsOf(pictures)).toEqual(['Door, Image 2'])
  })

  it('gives no range to samples, as those between were not looked at', async () => {
    const sampled = frames(100, 101, 100, 180).map((frame, index) => ({
      ...frame,
      number: 1 + 33 * index,
    }))
    const pictures = await joinAlike(sampled, look, signal)
    expect(labelsOf(pictures)).toEqual(['Images 1, 34, 67', 'Image 100'])
  })

  it('looks at nothing where files are the same', async () => {
    const fail = async (): Promise<never> => {
      throw new Error('looked')
    }
    expect(labelsOf(await joinAlike(frames(1, 1, 1), fail, signal))).toEqual(['Images 1-3'])
  })
})

describe('joinEqual', () => {
  it('joins the same files only', () => {
    expect(labelsOf(joinEqual(frames(100, 100, 101)))).toEqual(['Images 1-2', 'Image 3'])
  })
})
