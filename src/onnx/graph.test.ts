import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema } from 'onnx-buf'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { checkGraph } from './check.ts'
import { ExternalDataWriter } from './external-data.ts'
import { Graph } from './graph.ts'
import { renderModel } from './model-file.ts'
import { conv } from './ops/conv.ts'
import { add, gemmTransposed, layerNormalization, matMul, reduceMean, topK } from './ops/math.ts'
import { concat, gather, pad, reshape, shapeOf, slice, split, transpose } from './ops/shape.ts'
import { printGraph } from './print.ts'

function newGraph(): { g: Graph; data: string; external: ExternalDataWriter } {
  const data = join(temporaryFolder(), 'weights.bin')
  const external = new ExternalDataWriter(data, 'weights.bin')
  return { g: new Graph('test', external), data, external }
}

describe('a written model', () => {
  it('is read back by another implementation of the format, weights beside it', () => {
    const { g, data, external } = newGraph()
    const x = g.input('x', 'f32', [1, 'n', 64])
    const weight = g.tensor('w', new Float32Array(64 * 3).fill(0.5), [64, 3])
    g.scope('layer', () => g.output('y', add(g, matMul(g, x, weight), g.scalar(2))))
    external.close()

    const model = fromBinary(ModelProtoSchema, renderModel(g))
    expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
      ['', BigInt(g.opset)],
      ['com.microsoft', 1n],
    ])
    const graph = model.graph!
    expect(graph.node.map(({ opType }) => opType)).toEqual(['MatMul', 'Add', 'Identity'])
    expect(graph.node[0]!.name).toBe('layer/MatMul_2')
    const stored = graph.initializer.find(({ name }) => name === 'w_1')!
    expect(stored.dims).toEqual([64n, 3n])
    const range = Object.fromEntries(stored.externalData.map(({ key, value }) => [key, value]))
    expect(range).toEqual({ location: 'weights.bin', offset: '0', length: '768' })
    expect(readFileSync(data).readFloatLE(0)).toBe(0.5)
    const dims = graph.input[0]!.type!.value
    expect(dims.case).toBe('tensorType')
  })

  it('prints as text', () => {
    const { g } = newGraph()
    const x = g.input('x', 'f32', [1, 'n', 4])
    g.output('y', reduceMean(g, x, [1]))
    expect(printGraph(g)).toMatchInlineSnapshot(`
      "graph test
        input  x: f32[1, n, 4]
        tensor constant_1: i64[1]
        ReduceMean_2: f32[1, 1, 4] = ReduceMean(x, constant_1) keepdims=1
        y: f32[1, 1, 4] = Identity(ReduceMean_2)
        output y: f32[1, 1, 4]"
    `)
  })
})

describe('external data', () => {
  it('writes a tensor once, however many graphs share it', () => {
    const { external } = newGraph()
    const ranges = ['a', 'b'].map((name) => {
      const g = new Graph(name, external)
      g.sharedTensor('table', 'f32', [1000], () => new Float32Array(1000))
      return g.initializers[0]!.data
    })
    expect(ranges[0]).toEqual(ranges[1])
    expect(external.size).toBe(4000)
  })

  it('aligns large tensors so that they can be mapped', () => {
    const { external } = newGraph()
    external.append(new Uint8Array(10))
    expect(external.append(new Uint8Array(1 << 20)).offset % 65_536).toBe(0)
    expect(external.append(new Uint8Array(100)).offset % 64).toBe(0)
  })
})

describe('shape rules', () => {
  const cases: [
    string,
    (g: Graph) => { shape: readonly (number | string)[] },
    (number | string)[],
  ][] = [
    [
      'broadcasts',
      (g) => add(g, g.input('a', 'f32', ['n', 1, 3]), g.input('b', 'f32', [4, 1])),
      ['n', 4, 3],
    ],
    [
      'multiplies matrices',
      (g) => matMul(g, g.input('a', 'f32', [2, 'n', 3]), g.input('b', 'f32', [3, 5])),
      [2, 'n', 5],
    ],
    [
      'reshapes around a symbol',
      (g) => reshape(g, g.input('a', 'f32', [1, 'n', 6]), ['n', 2, 3]),
      ['n', 2, 3],
    ],
    [
      'adds symbols in a concatenation',
      (g) => concat(g, [g.input('a', 'f32', [2, 'p']), g.input('b', 'f32', [2, 3])], 1),
      [2, 'p+3'],
    ],
    ['transposes', (g) => transpose(g, g.input('a', 'f32', [1, 2, 3]), [2, 0, 1]), [3, 1, 2]],
    ['pads', (g) => pad(g, g.input('a', 'f32', [1, 5]), [0, 0], [0, 3]), [1, 8]],
    [
      'slices with a step',
      (g) => slice(g, g.input('a', 'f32', [7]), [{ axis: 0, start: 1, end: 7, step: 2 }]),
      [3],
    ],
    ['splits', (g) => split(g, g.input('a', 'f32', [2, 6]), 3, 1)[2]!, [2, 2]],
    [
      'gathers rows',
      (g) => gather(g, g.input('a', 'f32', [9, 4]), g.input('i', 'i64', [1, 'r'])),
      [1, 'r', 4],
    ],
    [
      'convolves',
      (g) =>
        conv(
          g,
          g.input('x', 'f32', [1, 3, 10, 10]),
          g.input('w', 'f32', [8, 3, 3, 3]),
          g.input('b', 'f32', [8]),
          { stride: 2, padding: 1 },
        ),
      [1, 8, 5, 5],
    ],
    [
      'multiplies by a transposed matrix',
      (g) => gemmTransposed(g, g.input('a', 'f32', ['r', 4]), g.input('b', 'f32', [9, 4])),
      ['r', 9],
    ],
    [
      'takes the k largest',
      (g) => topK(g, g.input('a', 'f32', ['r', 9]), g.input('k', 'i64', [1]), 'k').indices,
      ['r', 'k'],
    ],
    ['asks for a length', (g) => shapeOf(g, g.input('a', 'f32', ['r', 9]), 0), [1]],
  ]
  it.each(cases)('%s', (_, build, shape) => {
    expect(build(newGraph().g).shape).toEqual(shape)
  })

  const mistakes: [string, (g: Graph) => unknown, string][] = [
    [
      'shapes that do not broadcast',
      (g) => add(g, g.input('a', 'f32', [2]), g.input('b', 'f32', [3])),
      '[2] and [3] do not broadcast',
    ],
    [
      'two symbols that need not be equal',
      (g) => add(g, g.input('a', 'f32', ['n']), g.input('b', 'f32', ['m'])),
      'do not broadcast',
    ],
    [
      'different element types',
      (g) => add(g, g.input('a', 'f32', [2]), g.input('b', 'i64', [2])),
      'differ in type',
    ],
    [
      'matrices that do not fit',
      (g) => matMul(g, g.input('a', 'f32', [2, 3]), g.input('b', 'f32', [4, 5])),
      '3 is not 4',
    ],
    [
      'a reshape that loses elements',
      (g) => reshape(g, g.input('a', 'f32', [2, 3]), [5]),
      'cannot become [5]',
    ],
    [
      'a reshape that drops a symbol',
      (g) => reshape(g, g.input('a', 'f32', ['n', 3]), [3]),
      'cannot become [3]',
    ],
    [
      'an axis twice in a transpose',
      (g) => transpose(g, g.input('a', 'f32', [2, 3]), [0, 0]),
      'not an order',
    ],
    ['an uneven split', (g) => split(g, g.input('a', 'f32', [5]), 2, 0), 'does not split into 2'],
    [
      'a slice outside',
      (g) => slice(g, g.input('a', 'f32', [5]), [{ axis: 0, start: 0, end: 6 }]),
      'is outside axis 0',
    ],
    [
      'a norm of another width',
      (g) =>
        layerNormalization(
          g,
          g.input('a', 'f32', [2, 3]),
          g.input('s', 'f32', [4]),
          g.input('b', 'f32', [4]),
          1e-5,
        ),
      'must have 3',
    ],
    [
      'a tensor of another size',
      (g) => g.tensor('t', new Float32Array(5), [2, 3]),
      'needs 6 elements, got 5',
    ],
    [
      'float indices',
      (g) => gather(g, g.input('a', 'f32', [9, 4]), g.input('i', 'f32', [1])),
      'must be i64 or i32',
    ],
  ]
  it.each(mistakes)('refuse %s', (_, build, message) => {
    expect(() => build(newGraph().g)).toThrow(message)
  })
})

describe('checkGraph', () => {
  it('accepts a graph whose every part is used', () => {
    const { g } = newGraph()
    g.output('y', add(g, g.input('x', 'f32', [2]), g.scalar(1)))
    expect(() => checkGraph(g)).not.toThrow()
  })

  it('lists what is used before it exists and what exists for nobody', () => {
    const { g } = newGraph()
    g.input('unused', 'f32', [1])
    add(g, { name: 'ghost', dtype: 'f32', shape: [1] }, g.scalar(1))
    expect(() => checkGraph(g)).toThrow(
      /uses ghost before it is defined[\s\S]*no output[\s\S]*unused is not used[\s\S]*results of Add_\d+ are not used/,
    )
  })
})
