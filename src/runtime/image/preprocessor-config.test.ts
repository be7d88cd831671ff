import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { caughtError } from '../../../test/support/caught-error.ts'
import { parsePreprocessorConfig } from './preprocessor-config.ts'

const MICROSOFT = {
  do_convert_rgb: null,
  do_normalize: true,
  do_rescale: true,
  do_resize: true,
  do_center_crop: false,
  image_processor_type: 'CLIPImageProcessor',
  image_seq_length: 577,
  image_mean: [0.485, 0.456, 0.406],
  image_std: [0.229, 0.224, 0.225],
  processor_class: 'Florence2Processor',
  resample: 3,
  size: { height: 768, width: 768 },
  crop_size: { height: 768, width: 768 },
}

describe('parsePreprocessorConfig', () => {
  it("reads Microsoft's file, which leaves the rescale factor out", () => {
    expect(parsePreprocessorConfig(MICROSOFT)).toEqual({
      width: 768,
      height: 768,
      rescaleFactor: 0.00392156862745098,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    })
  })

  it('reads the file of the bundled model', () => {
    const file = new URL('../../../models/flocap-demo/preprocessor_config.json', import.meta.url)
    const spec = parsePreprocessorConfig(JSON.parse(readFileSync(file, 'utf8')))
    expect(spec).toMatchObject({ width: 192, height: 192, rescaleFactor: 0.00392156862745098 })
  })

  it.each([
    ['do_center_crop', { do_center_crop: true }],
    ['do_center_crop', { do_center_crop: undefined }],
    ['resample', { resample: 2 }],
    ['do_resize', { do_resize: false }],
    ['do_rescale', { do_rescale: false }],
    ['do_normalize', { do_normalize: false }],
    ['do_pad', { do_pad: true }],
    ['size.height', { size: { shortest_edge: 768 } }],
    ['size.width', { size: { height: 768, width: 0 } }],
    ['size.width', { size: { height: 768, width: 1e9 } }],
    ['rescale_factor', { rescale_factor: -1 }],
    ['image_mean', { image_mean: undefined }],
    ['image_std', { image_std: [0.2, 0, 0.2] }],
    ['image_std.1', { image_std: [0.2, '0.2', 0.2] }],
  ])('refuses a file by naming %s: %j', async (field, change) => {
    const error = await caughtError(() => parsePreprocessorConfig({ ...MICROSOFT, ...change }))
    expect(error.code).toBe('invalid_model')
    expect(error.subject).toBe(`preprocessor_config.json: ${field}`)
    expect(error.message).toContain(field)
  })

  it.each([null, [], 'text', 3])('refuses %j', (json) => {
    expect(() => parsePreprocessorConfig(json)).toThrow(
      expect.objectContaining({ code: 'invalid_model' }),
    )
  })
})
