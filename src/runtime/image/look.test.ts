// Frames of a camera are one; two pictures that differ in anything a person would name never are.
import { describe, expect, it } from 'vitest'
import { readSample, readSampleTruths } from '../../../test/support/samples.ts'
import { areAlike } from '../../caption/alike.ts'
import type { PictureLook } from '../../caption/ports.ts'
import { DEFAULT_PICTURE_LIMITS } from './decode/limits.ts'
import { lookAt } from './look.ts'
import { sharp } from './sharp.ts'

const SCENES = readSampleTruths()
const FILES = SCENES.map(({ file }) => file)
const [WIDTH, HEIGHT] = [1280, 720]

async function look(file: Uint8Array): Promise<PictureLook> {
  return lookAt(file, { applyOrientation: true, limits: DEFAULT_PICTURE_LIMITS })
}

type Scene = (file: string) => ReturnType<typeof sharp>

/** As a camera has it. */
const scene: Scene = (file) =>
  sharp(readSample(file)).removeAlpha().resize(WIDTH, HEIGHT, { fit: 'fill' })

/** @param seed the same noise each time, so that a verdict does not hang on luck */
async function withNoise(picture: ReturnType<Scene>, strength: number, seed = 1): Promise<Buffer> {
  const draw = createDraws(seed)
  const pixels = await picture.raw().toBuffer()
  for (let at = 0; at < pixels.length; at += 1) {
    // The sum of three even ones is nearly Gauss's, with a deviation of `strength`.
    const random = 2 * (draw() + draw() + draw()) - 3
    pixels[at] = Math.min(255, Math.max(0, Math.round((pixels[at] ?? 0) + strength * random)))
  }
  return sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer()
}

/** Tommy Ettinger's mulberry32: even numbers from 0 to 1. */
function createDraws(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A box with a word in it, as a sign or a clock on the picture. */
async function withSvg(file: string, inner: string): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">${inner}</svg>`
  return scene(file)
    .composite([{ input: Buffer.from(svg) }])
    .jpeg({ quality: 85 })
    .toBuffer()
}

const sign = (word: string, size: number) =>
  `<rect x="200" y="200" width="${5 * size}" height="${1.5 * size}" fill="#eee"/><text x="204" y="${200 + size}" font-size="${size}" fill="#111">${word}</text>`

describe('a look', () => {
  it.each(FILES.slice(0, 4))('joins frames of a camera: %s', async (file) => {
    const first = await look(await withNoise(scene(file), 3))
    expect(areAlike(first, await look(await withNoise(scene(file), 3, 2)))).toBe(true)
  })

  // Not of every picture: docs/decisions/0013-alike-pictures.md has the share.
  it.each(FILES.slice(0, 3))('joins a noisy frame and a clean one: %s', async (file) => {
    const noisy = await look(await withNoise(scene(file), 3))
    const clean = await look(await scene(file).jpeg({ quality: 90 }).toBuffer())
    expect(areAlike(noisy, clean)).toBe(true)
  })

  it('never joins two of the samples, nor parts of one, whatever their size', async () => {
    const looks: (readonly [string, PictureLook])[] = []
    for (const { file, things } of SCENES) {
      looks.push([file, await look(readSample(file))])
      // A part of an empty background is one.
      if (things.length === 0) continue
      const { width, height } = await sharp(readSample(file)).metadata()
      const part = await sharp(readSample(file))
        .extract({ left: 12, top: 12, width: width - 24, height: height - 24 })
        .resize(width, height)
        .png({ compressionLevel: 0 })
        .toBuffer()
      looks.push([`part of ${file}`, await look(part)])
    }
    const joined = looks.flatMap(([name, one], at) =>
      looks
        .slice(at + 1)
        .flatMap(([other, two]) => (areAlike(one, two) ? [`${name}, ${other}`] : [])),
    )
    expect(joined).toEqual([])
  })

  it.each([
    ['OPEN', 'SHOP'],
    ['cat', 'car'],
    ['17:04', '17:05'],
    ['no', 'on'],
  ])('parts a sign that says %s from one that says %s', async (one, other) => {
    for (const size of [16, 24, 48]) {
      const [a, b] = await Promise.all(
        [one, other].map(async (word) => look(await withSvg('scene-07.png', sign(word, size)))),
      )
      expect([size, a && b && areAlike(a, b)]).toEqual([size, false])
    }
  })

  it.each([
    [16, 0.6],
    [30, 0.3],
    [80, 0.1],
  ])(
    'parts a frame where a person of %i pixels and opacity %d came in',
    async (height, opacity) => {
      const empty = await look(await withSvg('scene-03.png', ''))
      const person = `<rect x="700" y="400" width="${height / 3}" height="${height}" fill="#777" opacity="${opacity}"/>`
      expect(areAlike(empty, await look(await withSvg('scene-03.png', person)))).toBe(false)
    },
  )
})
