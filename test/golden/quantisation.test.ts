// That 8 bits are fitted to what a model's layers see: on the bundled model, and on the same model
// with planted outliers, where quantising without looking fails.
//
// A planted outlier changes no answer: a norm's channel is made larger and the weights that read it
// smaller by the same power of two. That is what large models grow by themselves, and what ruins one
// scale for all channels.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/base/log.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { fingerprintOf } from '../../src/compiled/fingerprint.ts'
import { findCheckpoint } from '../../src/compiler/checkpoint-folder.ts'
import { formatPlan } from '../../src/compiler/florence2/fused/linear-plan.ts'
import { formatsOf } from '../../src/compiler/precision.ts'
import { measureError } from '../../src/compiler/quantise/measure.ts'
import { writeModel } from '../../src/compiler/write-model.ts'
import { createLaboratory } from '../../src/engine/laboratory.ts'
import { openSafetensors } from '../../src/weights/safetensors.ts'
import { createCheckpoint } from '../../src/weights/weights.ts'
import { renderSafetensors, type StoredTensor } from '../support/safetensors-writer.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const MODEL = fileURLToPath(new URL('../../models/flocap-demo/', import.meta.url))
const LABORATORY = createLaboratory(2)

/** How much larger a planted channel is, and one in how many channels is planted. */
const OUTLIER = 64
const EVERY = 37

/** A copy of the bundled model with outliers before every attention and MLP of its vision tower. */
function plantOutliers(folder: string): void {
  mkdirSync(folder)
  for (const file of [
    'config.json',
    'preprocessor_config.json',
    'tokenizer.json',
    'tokenizer_config.json',
  ]) {
    cpSync(join(MODEL, file), join(folder, file))
  }
  const source = openSafetensors(join(MODEL, 'model.safetensors'))
  const { weights } = createCheckpoint([source])
  const stored: StoredTensor[] = [...source.tensors.values()].map(({ name, shape }) => {
    const values = Float32Array.from(weights.read(name, shape))
    const planted = (channel: number): boolean => channel % EVERY === 3
    if (/_block\.norm[12]\.(?:weight|bias)$/.test(name)) {
      for (let c = 0; c < values.length; c += 1) if (planted(c)) values[c]! *= OUTLIER
    }
    if (/_attn\.qkv\.weight$|ffn\.fc1\.weight$/.test(name)) {
      const inputs = shape[1]!
      for (let i = 0; i < values.length; i += 1) if (planted(i % inputs)) values[i]! /= OUTLIER
    }
    return { name, shape, dtype: 'F32', values }
  })
  source.close()
  const { header, data } = renderSafetensors(stored)
  writeFileSync(join(folder, 'model.safetensors'), Buffer.concat([header, data]))
}

describe('auto precision', () => {
  const home = createFolder()
  afterAll(() => removeFolder(home))

  const fittedError = async (checkpoint: string, name: string): Promise<number> => {
    const options = { log: silentLogger, precision: 'auto', laboratory: LABORATORY } as const
    const { quantisation } = await compileModel(checkpoint, join(home, name), options)
    expect(quantisation?.withinBound).toBe(true)
    expect(quantisation?.float32Layers).toEqual([])
    return quantisation!.error.imageFeatures
  }

  /** The same formats without looking: no smoothing, no repair. */
  const naiveError = async (checkpoint: string, name: string): Promise<number> => {
    const folder = await findCheckpoint(checkpoint)
    const made = { precision: 'auto', compilerVersion: 0, source: [] }
    const fingerprint = fingerprintOf({ ...made, lowering: 'fused', quantisation: null })
    const facts = { ...made, fingerprint, log: silentLogger }
    const observe = async (formats: 'fp32' | 'auto'): ReturnType<typeof LABORATORY.observe> => {
      const target = join(home, `${name}-${formats}`)
      mkdirSync(target)
      await writeModel(
        folder,
        target,
        { kind: 'fused', plan: formatPlan(formatsOf(formats)) },
        facts,
      )
      return LABORATORY.observe(target, 'packed')
    }
    return measureError(await observe('fp32'), await observe('auto')).imageFeatures
  }

  it('holds its bound where planted outliers break naive quantisation', async () => {
    const planted = join(home, 'planted')
    plantOutliers(planted)
    const [clean, outliers] = [await fittedError(MODEL, 'a'), await fittedError(planted, 'b')]
    const naive = await naiveError(planted, 'c')
    expect(outliers).toBeLessThan(1.5 * clean)
    expect(naive).toBeGreaterThan(3 * clean)
  })

  it('says what it measured in the manifest', () => {
    const manifest: unknown = JSON.parse(readFileSync(join(home, 'a', 'manifest.json'), 'utf8'))
    expect(manifest).toMatchObject({
      precision: 'auto',
      quantisation: { error: { imageFeatures: expect.any(Number) }, withinBound: true },
    })
  })
})
