// What ONNX Runtime makes of our graphs when it loads them. It fuses by itself, and some of its fused
// kernels are slower than what they replace: that must not come back unseen.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fromBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema } from 'onnx-buf'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/base/log.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { InferenceSession } from '../../src/runtime/onnxruntime.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const MODEL = fileURLToPath(new URL('../../models/flocap-demo/', import.meta.url))

describe('the optimised graphs', () => {
  const folder = createFolder()
  const compiled = join(folder, 'compiled')
  beforeAll(async () => {
    await compileModel(MODEL, compiled, { log: silentLogger, precision: 'auto' })
  })
  afterAll(() => removeFolder(folder))

  /** How often each operator occurs after ONNX Runtime's own optimisation. */
  async function operatorsOf(graph: string): Promise<Map<string, number>> {
    const optimised = join(folder, `optimised-${graph}`)
    const session = await InferenceSession.create(join(compiled, graph), {
      optimizedModelFilePath: optimised,
      logSeverityLevel: 3,
    })
    await session.release()
    const counts = new Map<string, number>()
    for (const { opType } of fromBinary(ModelProtoSchema, readFileSync(optimised)).graph!.node) {
      counts.set(opType, (counts.get(opType) ?? 0) + 1)
    }
    return counts
  }

  it.each(['vision.onnx', 'prefill.onnx'])(
    '%s has no scalar kernel over many rows',
    async (graph) => {
      const operators = await operatorsOf(graph)
      expect(operators.get('SkipLayerNormalization')).toBeUndefined()
      expect(operators.get('LayerNormalization')).toBeGreaterThan(0)
    },
  )

  // The blocked layout is that of x64 with AVX.
  it.runIf(process.arch === 'x64')(
    'vision.onnx keeps its attention whole and its convolutions in blocked layout',
    async () => {
      const operators = await operatorsOf('vision.onnx')
      // Six blocks, each with windows in one half.
      expect(operators.get('Attention')).toBeGreaterThanOrEqual(6)
      expect(operators.get('ReorderInput') ?? 0).toBeGreaterThan(0)
    },
  )

  it('decoder.onnx computes its products in integers', async () => {
    const operators = await operatorsOf('decoder.onnx')
    expect(operators.get('MatMulNBits')).toBeGreaterThan(0)
    expect(operators.get('GroupQueryAttention')).toBe(3)
  })
})
