// Runs graphs for the compiler: the bundled sample pictures, and some made of noise, which are closer
// to photographs in their statistics than drawn scenes are.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Laboratory } from '../compiler/quantise/laboratory.ts'
import { readManifest } from '../compiled/manifest.ts'
import { toPixelValues } from '../runtime/image/normalise.ts'
import { preparePicture } from '../runtime/image/prepare.ts'
import { parsePreprocessorConfig } from '../runtime/image/preprocessor-config.ts'
import { createSyntheticPicture } from '../runtime/image/synthetic.ts'
import { observeModel } from '../runtime/observe.ts'

const SAMPLES = new URL('../../models/flocap-demo/samples/', import.meta.url)
const SAMPLE_FILES = ['scene-03.png', 'scene-08.png']
const SYNTHETIC_SEEDS = [1, 2]

/** The prompt of the default task. */
const PROMPT = 'Describe with a paragraph what is shown in the image.'

export function createLaboratory(threads: number): Laboratory {
  return {
    async observe(folder) {
      const { files } = await readManifest(folder)
      const config = await readFile(join(folder, files.preprocessorConfig), 'utf8')
      const spec = parsePreprocessorConfig(JSON.parse(config))
      const pictures: Float32Array[] = []
      for (const file of SAMPLE_FILES) {
        const bytes = await readFile(new URL(file, SAMPLES))
        const prepared = await preparePicture(bytes, spec, { applyOrientation: false })
        pictures.push(prepared.pixelValues)
      }
      for (const seed of SYNTHETIC_SEEDS) {
        pictures.push(toPixelValues(createSyntheticPicture(spec.width, seed).data, spec))
      }
      return observeModel(folder, pictures, { kind: 'text', text: PROMPT }, { threads })
    },
  }
}
