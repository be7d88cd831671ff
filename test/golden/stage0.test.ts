// Real weights: the first stage of Florence-2-base's vision tower, step by step, on a real picture.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { StageConfig } from '../../src/compiler/florence2/config.ts'
import { convEmbed, davitBlock } from '../../src/compiler/florence2/davit.ts'
import { fusedBlock } from '../../src/compiler/florence2/fused/davit.ts'
import { formatPlan } from '../../src/compiler/florence2/fused/linear-plan.ts'
import { layerNorm } from '../../src/compiler/florence2/layers.ts'
import { canonicalName } from '../../src/compiler/florence2/names.ts'
import type { Graph, Node } from '../../src/onnx/graph.ts'
import { reshape, transpose } from '../../src/onnx/ops/shape.ts'
import type { Value } from '../../src/onnx/value.ts'
import { preparePicture } from '../../src/runtime/image/prepare.ts'
import { parsePicturePreparation } from '../../src/compiler/picture-preparation.ts'
import { floats, floatsOf } from '../../src/runtime/session.ts'
import { openSafetensors } from '../../src/weights/safetensors.ts'
import { createCheckpoint, type Weights } from '../../src/weights/weights.ts'
import { hasReferenceData, readReferenceJson, referencePath } from '../support/reference-data.ts'
import { runGraph } from '../support/run-graph.ts'
import { STAGE_TOLERANCE } from '../support/tolerances.ts'

const IMAGE_SIZE = 768
const WINDOW_SIZE = 12
const STAGE: StageConfig = {
  dim: 128,
  inputDim: 3,
  depth: 1,
  heads: 4,
  groups: 4,
  patchSize: 7,
  stride: 4,
  padding: 3,
  prenorm: false,
  ffnDim: 512,
  qkvBias: true,
  activation: 'gelu',
}
const TOKENS = (IMAGE_SIZE / STAGE.stride) ** 2

const row = z.array(z.number())
const stepSchema = z.union([
  z.object({
    step: z.string(),
    mean: z.number(),
    std: z.number(),
    'row0[0:8]': row,
    'row18432[0:8]': row,
    'row36863[0:8]': row,
  }),
  z.object({ step: z.string(), values: row, 'mean of row maxima over 4x32 rows': z.number() }),
])
const goldensSchema = z.object({ steps: z.array(stepSchema) })

async function carPixels(): Promise<Float32Array> {
  const spec = parsePicturePreparation({
    preprocessor: readReferenceJson(
      'florence2/checkpoint-files/large-2024-06/preprocessor_config.json',
    ),
  })
  const picture = readFileSync(referencePath('florence2/images/car.png'))
  return (await preparePicture(picture, spec, { applyOrientation: false })).pixelValues
}

/** Builds a graph over the real weights and runs it on the picture. */
async function run(
  build: (g: Graph, w: Weights, pixels: Value) => Record<string, Value>,
): Promise<Record<string, Float32Array>> {
  const shape = [1, 3, IMAGE_SIZE, IMAGE_SIZE]
  const results = await runGraph({ pixel_values: floats(await carPixels(), shape) }, (g) => {
    const checkpoint = createCheckpoint(
      [openSafetensors(referencePath('florence2/goldens/stage0-weights.safetensors'))],
      (name) => canonicalName('microsoft', name),
    )
    const pixels = g.input('pixel_values', 'f32', shape)
    const outputs = build(g, checkpoint.weights.at('vision_tower'), pixels)
    checkpoint.close()
    return outputs
  })
  return Object.fromEntries(Object.keys(results).map((name) => [name, floatsOf(results, name)]))
}

/** The graph's nodes of one kind in one scope, in order. */
function nodesIn(g: Graph, scope: string, opType: string): Node[] {
  return g.nodes.filter((node) => node.name.startsWith(`${scope}/`) && node.opType === opType)
}

/** The reference's checkpoints as values of the plain graph, by the names the goldens give them. */
function plainSteps(g: Graph, w: Weights, pixels: Value): Record<string, Value> {
  const embedded = g.scope('embed', () => convEmbed(g, w.at('convs.0'), pixels, STAGE))
  const block = davitBlock(g, w.at('blocks.0.0'), embedded, STAGE, WINDOW_SIZE)
  const next = layerNorm(g, w.at('convs.1.norm'), block.tokens)

  const convolved = nodesIn(g, 'embed', 'Conv')[0]!.outputs[0]!
  const steps: Record<string, Value> = {
    'convs.0.proj': reshape(g, transpose(g, convolved, [0, 2, 3, 1]), [1, TOKENS, STAGE.dim]),
    'convs.0.norm': embedded.tokens,
  }
  for (const scope of ['spatial', 'channel']) {
    // In order: first residual, biases of qkv and proj, second residual, third residual, biases of
    // the MLP, last residual.
    const sums = nodesIn(g, scope, 'Add')
    steps[`${scope}_block after conv1 residual`] = sums[0]!.outputs[0]!
    steps[`${scope}_block norm1 output`] = nodesIn(g, scope, 'LayerNormalization')[0]!.outputs[0]!
    steps[`${scope}_block attention branch (before residual)`] = sums[3]!.inputs[1]!
    steps[`${scope}_block after conv2 residual`] = sums[4]!.outputs[0]!
    steps[`${scope}_block output`] = sums[7]!.outputs[0]!
  }
  steps['channel_attn softmax, group 0 row 0 [0:8]'] = nodesIn(
    g,
    'channel',
    'Softmax',
  )[0]!.outputs[0]!
  steps['convs.1.norm output (input of convs.1.proj)'] = next
  return steps
}

function relativeError(ours: ArrayLike<number>, reference: ArrayLike<number>): number {
  let [distance, length] = [0, 0]
  for (let i = 0; i < reference.length; i += 1) {
    distance += (ours[i]! - reference[i]!) ** 2
    length += reference[i]! ** 2
  }
  return Math.sqrt(distance / length)
}

/** The first eight channels of the three rows that the goldens sample. */
function samples(values: Float32Array): number[] {
  return [0, 18_432, 36_863].flatMap((token) => [
    ...values.subarray(token * STAGE.dim, token * STAGE.dim + 8),
  ])
}

/** A NumPy file of float32 in C order: a header of stated length, then the numbers. */
function readNpy(path: string): Float32Array {
  const file = readFileSync(path)
  return new Float32Array(
    file.buffer.slice(file.byteOffset + 10 + file.readUInt16LE(8), file.byteOffset + file.length),
  )
}

describe.skipIf(!hasReferenceData)('stage 0 of Florence-2-base with its real weights', () => {
  it('agrees with the reference at every step', async () => {
    const { steps } = goldensSchema.parse(
      readReferenceJson('florence2/goldens/stage0-goldens.json'),
    )
    const results = await run(plainSteps)
    expect(Object.keys(results).toSorted()).toEqual(steps.map(({ step }) => step).toSorted())
    for (const step of steps) {
      const ours = results[step.step]!
      if ('values' in step) {
        expect(relativeError(ours, step.values), step.step).toBeLessThan(STAGE_TOLERANCE)
        continue
      }
      const rows = [...step['row0[0:8]'], ...step['row18432[0:8]'], ...step['row36863[0:8]']]
      expect(relativeError(samples(ours), rows), step.step).toBeLessThan(STAGE_TOLERANCE)
      const mean = ours.reduce((total, value) => total + value, 0) / ours.length
      const variance = ours.reduce((total, value) => total + (value - mean) ** 2, 0) / ours.length
      expect(Math.abs(mean - step.mean) / step.std, step.step).toBeLessThan(STAGE_TOLERANCE)
      expect(Math.abs(Math.sqrt(variance) / step.std - 1), step.step).toBeLessThan(STAGE_TOLERANCE)
    }
  })

  it.each([
    ['plain', davitBlock] as const,
    [
      'fused',
      (...args: Parameters<typeof davitBlock>) =>
        fusedBlock(
          ...args,
          formatPlan(() => 'f32'),
        ),
    ] as const,
  ])('gives the whole output of the stage in the %s lowering', async (_, block) => {
    const results = await run((g, w, pixels) => {
      const embedded = convEmbed(g, w.at('convs.0'), pixels, STAGE)
      return { output: block(g, w.at('blocks.0.0'), embedded, STAGE, WINDOW_SIZE).tokens }
    })
    const reference = readNpy(referencePath('florence2/goldens/base-stage0-output-car-png.f32.npy'))
    expect(results['output']).toHaveLength(reference.length)
    expect(relativeError(results['output']!, reference)).toBeLessThan(STAGE_TOLERANCE)
  })
})
