import { describe, expect, it } from 'vitest'
import { findMissingFiles, findWeights, parseShardIndex, sortContents } from './model-files.ts'

const SMALL = ['config.json', 'tokenizer.json', 'preprocessor_config.json', 'tokenizer_config.json']

describe('findWeights', () => {
  it.each([
    [['model.safetensors', 'pytorch_model.bin'], { kind: 'single', file: 'model.safetensors' }],
    [
      ['model.safetensors.index.json', 'pytorch_model.bin'],
      { kind: 'sharded', index: 'model.safetensors.index.json' },
    ],
    [['pytorch_model.bin'], { kind: 'single', file: 'pytorch_model.bin' }],
    [['pytorch_model.bin.index.json'], { kind: 'sharded', index: 'pytorch_model.bin.index.json' }],
    [['model-00001-of-00002.safetensors', 'model.onnx'], undefined],
  ])('of %j are %j', (names, expected) => {
    expect(findWeights(new Set(names))).toEqual(expected)
  })
})

describe('the files of a model', () => {
  it('are taken where they are there, and nothing else is', () => {
    const names = new Set([...SMALL, 'merges.txt', 'README.md', 'modeling_florence2.py'])
    expect(sortContents(names).files).toEqual([...SMALL, 'merges.txt'])
  })

  it('are named when they are missing', () => {
    expect(findMissingFiles(new Set([...SMALL, 'model.safetensors']))).toEqual([])
    expect(findMissingFiles(new Set(['config.json', 'tokenizer_config.json']))).toEqual([
      'tokenizer.json',
      'preprocessor_config.json or processor_config.json',
      'model.safetensors or pytorch_model.bin',
    ])
  })
})

describe('sortContents', () => {
  const adapter = ['adapter_config.json', 'adapter_model.safetensors']

  it.each([
    ['an adapter alone', adapter, 'adapter'],
    [
      'one that a trainer saved the tokenizer and configuration beside',
      [...SMALL, ...adapter],
      'adapter',
    ],
    [
      'a whole model that an adapter lies beside',
      [...SMALL, 'model.safetensors', ...adapter],
      'model',
    ],
    ['weights of an adapter without its configuration', ['adapter_model.safetensors'], 'model'],
    ['nothing', [], 'model'],
  ])('takes %s for what it is', (_, names, kind) => {
    expect(sortContents(new Set(names)).kind).toBe(kind)
  })

  it("takes an adapter's own files, safetensors first, and names what is missing", () => {
    const names = [...SMALL, ...adapter, 'adapter_model.bin', 'LICENSE', 'optimizer.pt']
    expect(sortContents(new Set(names))).toEqual({
      kind: 'adapter',
      files: ['adapter_config.json', 'LICENSE'],
      weights: { kind: 'single', file: 'adapter_model.safetensors' },
      missing: [],
    })
    expect(sortContents(new Set(['adapter_config.json'])).missing).toEqual([
      'adapter_model.safetensors or adapter_model.bin',
    ])
  })
})

describe('parseShardIndex', () => {
  const index = 'model.safetensors.index.json'

  it('gives each shard once', () => {
    const weight_map = {
      b: 'model-2.safetensors',
      a: 'model-1.safetensors',
      c: 'model-1.safetensors',
    }
    expect(parseShardIndex({ metadata: {}, weight_map }, index)).toEqual([
      'model-1.safetensors',
      'model-2.safetensors',
    ])
    expect(
      parseShardIndex({ weight_map: { a: 'x-1.bin' } }, 'pytorch_model.bin.index.json'),
    ).toEqual(['x-1.bin'])
  })

  it.each([
    [null],
    [[]],
    [{}],
    [{ weight_map: {} }],
    [{ weight_map: { a: 1 } }],
    [{ weight_map: { a: '../x.safetensors' } }],
    [{ weight_map: { a: 'a/x.safetensors' } }],
    [{ weight_map: { a: 'a\\x.safetensors' } }],
    [{ weight_map: { a: '.safetensors' } }],
    [{ weight_map: { a: 'x.bin' } }],
    [
      {
        weight_map: Object.fromEntries(
          Array.from({ length: 101 }, (_, i) => [i, `m-${i}.safetensors`]),
        ),
      },
    ],
  ])('refuses %j', (json) => {
    expect(() => parseShardIndex(json, index)).toThrow(/weight_map|names/)
  })
})
