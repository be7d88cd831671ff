import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { fingerprintOf } from './fingerprint.ts'
import { createManifest, type Manifest, readManifest, writeManifest } from './manifest.ts'

const HASH = 'a'.repeat(64)

const MANIFEST: Manifest = createManifest({
  fingerprint: HASH,
  compilerVersion: 1,
  precision: 'fp32',
  lowering: 'fused',
  createdAt: 1,
  quantisation: null,
  source: [{ name: 'config.json', bytes: 2, modified: 1.5, sha256: HASH }],
  unreadTensors: [],
  parameters: 1,
  graphs: { vision: 'vision.onnx', prefill: 'prefill.onnx', decoder: 'decoder.onnx' },
  decoderCache: 'shared',
  files: { tokenizer: 't.json', tokenizerConfig: 'c.json' },
  contents: [{ name: 'vision.onnx', bytes: 1, crc32: 7 }],
  picture: {
    width: 768,
    height: 768,
    resize: { width: 768, height: 768 },
    resample: 3,
    rescaleFactor: 1 / 255,
    mean: [0.5, 0.5, 0.5],
    std: [0.2, 0.2, 0.2],
  },
  imageTokens: 577,
  hiddenSize: 768,
  decoderLayers: 6,
  decoderHeads: 12,
  vocabularySize: 51_289,
  encoderPositions: 1024,
  decoderPositions: 1024,
  tokens: { bos: 0, eos: 2, decoderStart: 2, forcedBos: 0, forcedEos: 2 },
  generation: { numBeams: 3, earlyStopping: true, lengthPenalty: 1, noRepeatNgramSize: 3 },
})

async function written(): Promise<{ folder: string; file: string }> {
  const folder = temporaryFolder()
  await writeManifest(folder, MANIFEST)
  return { folder, file: join(folder, 'manifest.json') }
}

describe('readManifest', () => {
  it('reads what was written', async () => {
    const { folder } = await written()
    expect(await readManifest(folder)).toEqual(MANIFEST)
  })

  it('refuses one in which a number has changed', async () => {
    const { folder, file } = await written()
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace('"decoderLayers": 6', '"decoderLayers": 5'),
    )
    await expect(readManifest(folder)).rejects.toMatchObject({
      code: 'invalid_model',
      message: expect.stringContaining('not as it was written'),
    })
  })

  it.each([
    ['', 'no readable manifest'],
    ['{', 'no readable manifest'],
    ['{}', 'another version'],
    ['[]', 'another version'],
  ])('refuses %j', async (text, problem) => {
    const { folder, file } = await written()
    writeFileSync(file, text)
    await expect(readManifest(folder)).rejects.toMatchObject({
      code: 'invalid_model',
      message: expect.stringContaining(problem),
    })
  })
})

describe('writeManifest', () => {
  it.each(['../vision.onnx', '/etc/passwd', 'a/b', 'a\\b', 'C:x', '.', '..', '.hidden', '', 'a\0'])(
    'knows no path out of the folder: %j',
    async (name) => {
      const folder = temporaryFolder()
      const graphs = { ...MANIFEST.graphs, vision: name }
      await expect(writeManifest(folder, { ...MANIFEST, graphs })).rejects.toThrow('vision')
      const contents = [{ name, bytes: 1, crc32: 1 }]
      await expect(writeManifest(folder, { ...MANIFEST, contents })).rejects.toThrow('contents')
    },
  )

  it('writes nothing that could not be read again', async () => {
    const folder = temporaryFolder()
    const error = { imageFeatures: Number.NaN, encoderOutput: 0, firstToken: 0 }
    const quantisation = {
      error,
      bound: error,
      withinBound: false,
      smoothedLayers: 0,
      float32Layers: [],
    }
    await expect(writeManifest(folder, { ...MANIFEST, quantisation })).rejects.toThrow(
      'imageFeatures',
    )
  })
})

describe('fingerprintOf', () => {
  it('is the same wherever and whenever the model was compiled', () => {
    const elsewhere = [{ name: 'config.json', bytes: 2, modified: 99, sha256: HASH }]
    expect(fingerprintOf({ ...MANIFEST, source: elsewhere })).toBe(fingerprintOf(MANIFEST))
    expect(fingerprintOf(MANIFEST)).toMatch(/^[\da-f]{64}$/)
  })

  it('differs with the checkpoint, the compiler, the form and what quantisation left alone', () => {
    const error = { imageFeatures: 0, encoderOutput: 0, firstToken: 0 }
    const quantisation = { error, bound: error, withinBound: true, smoothedLayers: 0 }
    const fingerprints = [
      MANIFEST,
      { ...MANIFEST, source: [{ name: 'config.json', sha256: 'b'.repeat(64) }] },
      { ...MANIFEST, compilerVersion: 2 },
      { ...MANIFEST, precision: 'auto' },
      { ...MANIFEST, lowering: 'plain' as const },
      { ...MANIFEST, quantisation: { ...quantisation, float32Layers: ['a'] } },
    ].map(fingerprintOf)
    expect(new Set(fingerprints).size).toBe(fingerprints.length)
  })
})
