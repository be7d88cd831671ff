// What a picture becomes must not depend on what the process did before: its resizer has a memory that
// grows and keeps the last picture, decoders have tables and caches.
import { expect, it, vi } from 'vitest'
import {
  createLcg,
  PICTURES,
  readPicture,
  REFUSED_PICTURES,
  sha256,
} from '../../../test/support/picture-fixtures.ts'
import type { Background } from '../../base/background.ts'
import type { PicturePreparation } from '../../compiled/picture.ts'

const SIDE = 64
const SPEC: PicturePreparation = {
  width: SIDE,
  height: SIDE,
  resize: { width: SIDE, height: SIDE },
  resample: 3,
  rescaleFactor: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
}

/** Every fifth of the readable fixtures: all formats are among them. HEIC and JPEG XL start threads. */
const NAMES = Object.keys(PICTURES)
  .filter((name) => !REFUSED_PICTURES.includes(name) && !/\.(?:heic|jxl)$/.test(name))
  .filter((_, i) => i % 5 === 0)

const BACKGROUNDS: readonly Background[] = ['white', 'reference']

/** The runtime's modules as a new process has them. */
async function startAnew(): Promise<(name: string, background: Background) => Promise<string>> {
  vi.resetModules()
  const { preparePicture } = await import('./prepare.ts')
  return async (name, background) => {
    const view = { applyOrientation: true, background }
    const { pixelValues } = await preparePicture(readPicture(name), SPEC, view)
    return sha256(new Uint8Array(pixelValues.buffer))
  }
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const next = createLcg(seed)
  const order = [...items]
  for (let i = order.length - 1; i > 0; i -= 1) {
    const other = (next() >>> 8) % (i + 1)
    const [a, b] = [order[i], order[other]]
    if (a !== undefined && b !== undefined) [order[i], order[other]] = [b, a]
  }
  return order
}

it('makes the same of a picture whatever came before it, and when nothing did', async () => {
  const cases = NAMES.flatMap((name) => BACKGROUNDS.map((background) => ({ name, background })))
  const results = new Map<string, Set<string>>()
  const note = (name: string, background: Background, result: string): void => {
    const key = `${name} on ${background}`
    results.set(key, (results.get(key) ?? new Set()).add(result))
  }
  for (const seed of [1, 2]) {
    const prepare = await startAnew()
    for (const { name, background } of shuffled(cases, seed)) {
      note(name, background, await prepare(name, background))
    }
  }
  for (const name of NAMES) note(name, 'white', await (await startAnew())(name, 'white'))
  const unsteady = [...results].filter(([, seen]) => seen.size !== 1).map(([key]) => key)
  expect(unsteady).toEqual([])
})
