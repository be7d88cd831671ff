// Graphs for graphics cards. They are the plain ones, so test/golden/parity.test.ts compares their
// numbers with the reference's; here they meet a provider that is not the CPU's, on a card made of
// software, and float16.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/base/log.ts'
import type { VisionModel } from '../../src/caption/ports.ts'
import { readManifest } from '../../src/compiled/manifest.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { createFlorence2 } from '../../src/runtime/florence2.ts'
import { DeviceFailure, floats, openSession } from '../../src/runtime/session.ts'
import { readDemoCaptions } from '../support/demo-captions.ts'
import { readSample } from '../support/samples.ts'
import { noSoftwareGpu, softwareGpuEnvironment } from '../support/software-gpu.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const MODEL = new URL('../../models/flocap-demo/', import.meta.url)
/** Most time goes into translating some hundred shaders for the processor. */
const SOFTWARE_GPU_MS = 600_000

const SOFTWARE_GPU_TOKENS = 6

const folder = createFolder()
const compiled = { fp32: join(folder, 'fp32'), fp16: join(folder, 'fp16') }
beforeAll(async () => {
  for (const precision of ['fp32', 'fp16'] as const) {
    const options = { log: silentLogger, precision, lowering: 'plain' } as const
    await compileModel(fileURLToPath(MODEL), compiled[precision], options)
  }
})
afterAll(() => removeFolder(folder))

const [reference] = readDemoCaptions().cases
if (!reference) throw new Error('there are no captions to compare with')

async function greedyIds(model: VisionModel, maxNewTokens: number): Promise<readonly number[]> {
  const { answers } = await model.answer({
    picture: readSample(reference!.picture),
    applyOrientation: false,
    queries: [
      {
        prompt: [{ kind: 'text', text: reference!.promptText }],
        generation: {
          numBeams: 1,
          maxNewTokens,
          earlyStopping: false,
          lengthPenalty: 1,
          noRepeatNgramSize: 0,
          stoppingRule: 'classic',
          numReturnSequences: 1,
        },
      },
    ],
  })
  return answers[0]!.sequences[0]!.tokens
}

const expected = reference.greedy.ids.slice(1)

describe('the float16 graphs', () => {
  it('answer as the reference does, on the CPU', async () => {
    const model = await createFlorence2(compiled.fp16, { id: 'x', demo: true, threads: 2 })
    expect(await greedyIds(model, expected.length)).toEqual(expected)
    await model.close()
  })

  it('take half the room', async () => {
    const size = (form: string): number => readFileSync(join(form, 'weights.bin')).length
    expect(size(compiled.fp16) / size(compiled.fp32)).toBeCloseTo(0.5, 1)
  })
})

describe.skipIf(noSoftwareGpu !== undefined)(
  `WebGPU${noSoftwareGpu === undefined ? '' : `: ${noSoftwareGpu}`}`,
  () => {
    beforeAll(() => {
      Object.assign(process.env, noSoftwareGpu === undefined ? softwareGpuEnvironment(folder) : {})
    })

    it(
      'has a kernel for each operator of each graph',
      async () => {
        const { graphs } = await readManifest(compiled.fp32)
        for (const file of Object.values(graphs)) {
          const options = { threads: 1, device: 'webgpu', wholly: true } as const
          const session = await openSession(compiled.fp32, file, options)
          expect(session).toBeDefined()
          await session.close()
        }
      },
      SOFTWARE_GPU_MS,
    )

    it(
      'says so when the device does not run a graph',
      async () => {
        const { graphs } = await readManifest(compiled.fp32)
        const session = await openSession(compiled.fp32, graphs.vision, {
          threads: 1,
          device: 'webgpu',
        })
        const wrong = { pixel_values: floats(new Float32Array(3), [1, 3, 1, 1]) }
        await expect(session.run(wrong)).rejects.toThrow(DeviceFailure)
        await session.close()
      },
      SOFTWARE_GPU_MS,
    )

    it(
      'answers as the reference does',
      async () => {
        const options = { id: 'x', demo: true, threads: 2, device: 'webgpu' } as const
        const model = await createFlorence2(compiled.fp32, options)
        // The last token of a shorter answer is a given one.
        const ids = await greedyIds(model, SOFTWARE_GPU_TOKENS + 1)
        expect(ids.slice(0, -1)).toEqual(expected.slice(0, SOFTWARE_GPU_TOKENS))
        await model.close()
      },
      SOFTWARE_GPU_MS,
    )
  },
)
