// Names and shapes of the test checkpoints are those of the published ones, in both layouts.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Florence2Shapes } from '../support/florence2-shapes.ts'
import { listTensors } from '../support/florence2-tensors.ts'
import { isTransposedInMicrosoftLayout, toMicrosoftName } from '../support/microsoft-names.ts'

const DATA = process.env['FLOCAP_REFERENCE_DATA'] ?? join('..', 'shared', 'data')
const LAYOUTS = join(DATA, 'florence2', 'weights-layout')

const layoutSchema = z.object({
  tensors: z.array(
    z.object({
      microsoft: z.string(),
      microsoft_shape: z.array(z.number()),
      native: z.string().nullable(),
      native_shape: z.array(z.number()).nullable(),
      note: z.string(),
    }),
  ),
})

function shapes(size: 'base' | 'large', positions: number): Florence2Shapes {
  const large = size === 'large'
  const width = large ? 1024 : 768
  const layers = { layers: large ? 12 : 6, ffn: 4 * width }
  return {
    vision: {
      inChannels: 3,
      dims: [128, 256, 512, 1024].map((n) => (large ? 2 * n : n)),
      depths: [1, 1, 9, 1],
      patchSizes: [7, 3, 3, 3],
      patchPrenorm: [false, true, true, true],
      mlpRatio: 4,
      projection: width,
      mapPositions: 50,
      temporalPositions: 100,
    },
    text: { width, rows: 51_328, positions, encoder: layers, decoder: layers },
  }
}

describe.skipIf(!existsSync(LAYOUTS))('the layout of published checkpoints', () => {
  it.each([
    ['state-dict-base.json', shapes('base', 1024)],
    ['state-dict-large.json', shapes('large', 1024)],
    ['state-dict-large-4k.json', shapes('large', 4096)],
  ])('%s is what the test checkpoints follow', (file, published) => {
    const { tensors } = layoutSchema.parse(JSON.parse(readFileSync(join(LAYOUTS, file), 'utf8')))
    // Tied copies are left out of safetensors files.
    const stored = tensors.filter((t) => t.native !== null && !t.note.startsWith('ALIAS'))
    const ours = listTensors(published, { untiedHead: false, logitsBias: false })
    expect(Object.fromEntries(ours.map((t) => [t.name, t.shape]))).toEqual(
      Object.fromEntries(stored.map((t) => [t.native, t.native_shape])),
    )
    for (const tensor of tensors) {
      const native = tensor.native ?? 'final_logits_bias'
      expect(toMicrosoftName(native)).toBe(tensor.microsoft)
      expect(isTransposedInMicrosoftLayout(native)).toBe(tensor.note === 'TRANSPOSE')
    }
  })
})
