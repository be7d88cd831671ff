// Runs graphs for the compiler: the bundled sample pictures, and some made of noise, which are closer
// to photographs in their statistics than drawn scenes are.
import { readFile } from 'node:fs/promises'
import { DEFAULT_TASK, TASKS } from '../caption/tasks.ts'
import type { Laboratory } from '../compiler/quantise/laboratory.ts'
import { readManifest } from '../compiled/manifest.ts'
import { toPixelValues } from '../runtime/image/normalise.ts'
import { preparePicture } from '../runtime/image/prepare.ts'
import { createSyntheticPicture } from '../runtime/image/synthetic.ts'
import { observeModel } from '../runtime/observe.ts'

const SAMPLES = new URL('../../models/flocap-demo/samples/', import.meta.url)
const SAMPLE_FILES = ['scene-03.png', 'scene-08.png']
const SYNTHETIC_SEEDS = [1, 2]

/** What most requests ask. */
const PROMPT = TASKS[DEFAULT_TASK].prompt

export function createLaboratory(threads: number): Laboratory {
  return {
    async observe(folder, weights) {
      const { picture: spec } = await readManifest(folder)
      const pictures: Float32Array[] = []
      for (const file of SAMPLE_FILES) {
        const bytes = await readFile(new URL(file, SAMPLES))
        const prepared = await preparePicture(bytes, spec, { applyOrientation: false })
        pictures.push(prepared.pixelValues)
      }
      for (const seed of SYNTHETIC_SEEDS) {
        pictures.push(toPixelValues(createSyntheticPicture(spec.height, seed).data, spec))
      }
      return observeModel(
        folder,
        pictures,
        { kind: 'text', text: PROMPT },
        {
          threads,
          mapWeights: weights === 'mapped',
        },
      )
    },
  }
}
