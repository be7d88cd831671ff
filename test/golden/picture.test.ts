// Pictures against the goldens of Microsoft's processor, made with Pillow 12.3 and numpy.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { decodePicture } from '../../src/runtime/image/decode/decode.ts'
import type { PicturePreparation } from '../../src/compiled/picture.ts'
import { preparePicture } from '../../src/runtime/image/prepare.ts'
import { resizeBicubic, resizeBicubicPlain } from '../../src/runtime/image/resize/resize.ts'
import { createNumpyBytes } from '../support/numpy-random.ts'
import { createNoise, sha256 } from '../support/picture-fixtures.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const DATA = join(
  process.env['FLOCAP_REFERENCE_DATA'] ?? join(PROJECT, '..', 'shared', 'data'),
  'florence2',
)
const GOLDENS = join(DATA, 'goldens', 'preprocess.json')
const isAbsent = !existsSync(GOLDENS)

const SPEC: PicturePreparation = {
  width: 768,
  height: 768,
  resize: { width: 768, height: 768 },
  resample: 3,
  rescaleFactor: 0.00392156862745098,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
}

const schema = z.object({
  images: z.record(
    z.string(),
    z.object({
      size_wh: z.tuple([z.number(), z.number()]),
      decoded_rgb_sha256: z.string(),
      resized_768_u8_hwc_sha256: z.string(),
      pixel_values_f32_chw_sha256: z.string(),
      pixel_values_first4_ch0: z.array(z.number()),
    }),
  ),
  synthetic: z.record(
    z.string(),
    z.object({ input_sha256: z.string(), resized_768_u8_hwc_sha256: z.string() }),
  ),
})

const goldens = isAbsent
  ? { images: {}, synthetic: {} }
  : schema.parse(JSON.parse(readFileSync(GOLDENS, 'utf8')))

/** The bytes that a golden's name describes. */
function createInput(name: string): { width: number; height: number; data: Uint8Array } {
  const numpy = /^np\.random\.RandomState\(0\)\.randint\(0,256,\((\d+),(\d+),3\),dtype=uint8\)$/
  const generator = /^LCG .* seed 1, .* HWC (\d+)x(\d+)x3$/
  const match = numpy.exec(name) ?? generator.exec(name)
  if (!match) throw new Error(`No generator is known for the golden "${name}".`)
  const [height, width] = [Number(match[1]), Number(match[2])]
  const data = numpy.test(name)
    ? createNumpyBytes(0, width * height * 3)
    : createNoise(width, height)
  return { width, height, data }
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

describe.skipIf(isAbsent)('the goldens of the reference processor', () => {
  it('are all here', () => {
    expect(Object.keys(goldens.images).toSorted()).toEqual(['book.png', 'car.png'])
    expect(Object.keys(goldens.synthetic)).toHaveLength(5)
  })

  for (const [name, golden] of Object.entries(goldens.images)) {
    it(`${name}: decodes, resizes and normalises to the same bits`, async () => {
      const bytes = readFileSync(join(DATA, 'images', name))
      const picture = await decodePicture(bytes, { applyOrientation: false })
      expect([picture.width, picture.height]).toEqual(golden.size_wh)
      expect(sha256(picture.data)).toBe(golden.decoded_rgb_sha256)
      expect(sha256(resizeBicubic(picture, 768, 768).data)).toBe(golden.resized_768_u8_hwc_sha256)

      const { pixelValues } = await preparePicture(bytes, SPEC, { applyOrientation: false })
      expect([...pixelValues.subarray(0, 4)]).toEqual(golden.pixel_values_first4_ch0)
      expect(sha256(bytesOf(pixelValues))).toBe(golden.pixel_values_f32_chw_sha256)
    })
  }

  for (const [name, golden] of Object.entries(goldens.synthetic)) {
    it(`${name}: resizes to the same bytes, by vectors and plainly`, () => {
      const input = createInput(name)
      expect(sha256(input.data)).toBe(golden.input_sha256)
      expect(sha256(resizeBicubic(input, 768, 768).data)).toBe(golden.resized_768_u8_hwc_sha256)
      expect(sha256(resizeBicubicPlain(input, 768, 768).data)).toBe(
        golden.resized_768_u8_hwc_sha256,
      )
    })
  }
})
