import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { caughtError } from '../../test/support/caught-error.ts'
import { parsePicturePreparation } from './picture-preparation.ts'

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

const PREPARATION = {
  width: 768,
  height: 768,
  resize: { height: 768, width: 768 },
  resample: 3,
  rescaleFactor: 0.00392156862745098,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
}

describe('parsePicturePreparation', () => {
  it("reads Microsoft's file, which leaves the rescale factor out", () => {
    expect(parsePicturePreparation({ preprocessor: MICROSOFT })).toEqual(PREPARATION)
  })

  it('reads what transformers 5 writes into processor_config.json, before the other file', () => {
    const processor = { processor_class: 'Florence2Processor', image_processor: MICROSOFT }
    const other = { ...MICROSOFT, size: { height: 96, width: 96 } }
    expect(parsePicturePreparation({ processor })).toEqual(PREPARATION)
    expect(parsePicturePreparation({ processor, preprocessor: other })).toEqual(PREPARATION)
  })

  it('reads preprocessor_config.json beside a processor_config.json without pictures in it', () => {
    const processor = { processor_class: 'Florence2Processor' }
    expect(parsePicturePreparation({ processor, preprocessor: MICROSOFT })).toEqual(PREPARATION)
  })

  it('reads the file of the bundled model', () => {
    const file = new URL('../../models/flocap-demo/preprocessor_config.json', import.meta.url)
    const preprocessor: unknown = JSON.parse(readFileSync(file, 'utf8'))
    expect(parsePicturePreparation({ preprocessor })).toMatchObject({ width: 192, height: 192 })
  })

  it.each([
    ['a pair', { size: [768, 768] }, { resize: { height: 768, width: 768 } }],
    ['no do_center_crop: crops', { do_center_crop: undefined }, {}],
    [
      'a shortest edge, cropped',
      { size: { shortest_edge: 800 }, do_center_crop: true },
      { resize: { shortestEdge: 800 } },
    ],
    ['a number, cropped', { size: 800, do_center_crop: true }, { resize: { shortestEdge: 800 } }],
    [
      'a crop size as a number',
      { do_center_crop: true, crop_size: 448 },
      { width: 448, height: 448 },
    ],
    ['nearest', { resample: 0 }, { resample: 0 }],
    ['bilinear', { resample: 2 }, { resample: 2 }],
    ['one mean for all channels', { image_mean: 0.5 }, { mean: [0.5, 0.5, 0.5] }],
    ['no normalisation', { do_normalize: false }, { mean: [0, 0, 0], std: [1, 1, 1] }],
    ['no rescaling', { do_rescale: false }, { rescaleFactor: 1 }],
    [
      'no mean and deviation',
      { image_mean: null, image_std: null },
      {
        mean: [0.48145466, 0.4578275, 0.40821073],
        std: [0.26862954, 0.26130258, 0.27577711],
      },
    ],
  ])('reads %s', (_, change, expected) => {
    const preprocessor = { ...MICROSOFT, ...change }
    expect(parsePicturePreparation({ preprocessor })).toEqual({ ...PREPARATION, ...expected })
  })

  it.each([
    ['resample', { resample: 6 }],
    ['do_resize', { do_resize: false }],
    ['do_pad', { do_pad: true }],
    ['size', { size: { shortest_edge: 768 } }],
    ['size', { size: { height: 768, width: 512 } }],
    ['size.width', { size: { height: 768, width: 0 } }],
    ['size.width', { size: { height: 768, width: 1e9 } }],
    ['crop_size', { do_center_crop: true, crop_size: { height: 4, width: 5 } }],
    ['rescale_factor', { rescale_factor: -1 }],
    ['image_std.1', { image_std: [0.2, 0, 0.2] }],
    ['image_std', { image_std: [0.2, '0.2', 0.2] }],
    ['image_processor_type', { image_processor_type: 'ViTImageProcessor' }],
  ])('refuses a file by naming %s: %j', async (field, change) => {
    const preprocessor = { ...MICROSOFT, ...change }
    const error = await caughtError(() => parsePicturePreparation({ preprocessor }))
    expect(error.code).toBe('invalid_model')
    expect(error.subject).toBe(`preprocessor_config.json: ${field}`)
    expect(error.message).toContain(field)
  })

  it('says where transformers 5 has the field', async () => {
    const processor = { image_processor: { ...MICROSOFT, do_resize: false } }
    const error = await caughtError(() => parsePicturePreparation({ processor }))
    expect(error.subject).toBe('processor_config.json: image_processor.do_resize')
  })

  it.each([{}, { processor: { processor_class: 'Florence2Processor' } }])(
    'says which files could hold it when none does: %j',
    (files) => {
      expect(() => parsePicturePreparation(files)).toThrow(
        expect.objectContaining({ code: 'invalid_model', subject: 'preprocessor_config.json' }),
      )
    },
  )

  it.each([null, [], 'text', 3])('refuses %j', (preprocessor) => {
    expect(() => parsePicturePreparation({ preprocessor })).toThrow(
      expect.objectContaining({ code: 'invalid_model' }),
    )
  })
})
