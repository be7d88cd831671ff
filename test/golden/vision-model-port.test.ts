// What every VisionModel promises, put to the bundled model and to the fake that other tests use: a
// fake that promised more or less would prove what cannot be.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/base/log.ts'
import { areAlike } from '../../src/caption/alike.ts'
import { DEFAULT_GENERATION } from '../../src/caption/generation.ts'
import {
  type GenerationOptions,
  LOOK_SIDE,
  type Query,
  type VisionModel,
} from '../../src/caption/ports.ts'
import { renderPrompt } from '../../src/caption/prompt.ts'
import type { TaskId } from '../../src/caption/tasks.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { createFlorence2 } from '../../src/runtime/florence2.ts'
import { createFakeVisionModel } from '../support/fake-vision-model.ts'
import { PNG } from '../support/pictures.ts'
import { readSample } from '../support/samples.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const MODEL = fileURLToPath(new URL('../../models/flocap-demo/', import.meta.url))

async function openBundled(folder: string): Promise<VisionModel> {
  const compiled = join(folder, 'compiled')
  await compileModel(MODEL, compiled, { log: silentLogger, precision: 'fp32' })
  return createFlorence2(compiled, { id: 'flocap-demo', demo: true, threads: 1 })
}

const MODELS: readonly (readonly [string, (folder: string) => Promise<VisionModel>])[] = [
  ['the bundled model', openBundled],
  ['the fake', async () => createFakeVisionModel({ delay: 1 })],
]

function ask(task: TaskId, generation: Partial<GenerationOptions> = {}): Query {
  return { prompt: renderPrompt(task), generation: { ...DEFAULT_GENERATION, ...generation } }
}

describe.each(MODELS)('%s', (_, open) => {
  const folder = createFolder()
  let model: VisionModel
  const answer: VisionModel['answer'] = async (request, hooks) => model.answer(request, hooks)
  const about = (...queries: Query[]) => ({ picture: PNG, applyOrientation: true, queries })

  beforeAll(async () => {
    model = await open(folder)
  })

  afterAll(async () => {
    await model.close()
    removeFolder(folder)
  })

  it('says what it is', () => {
    const { id, imageSize, parameters, createdAt, fingerprint } = model.description
    expect(id).not.toBe('')
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/)
    for (const number of [imageSize, parameters, createdAt]) expect(number).toBeGreaterThan(0)
  })

  it('answers each query in its order, with all the figures', async () => {
    const { answers, picture, timings } = await answer(about(ask('caption'), ask('od')))
    expect(answers).toHaveLength(2)
    expect(picture.width * picture.height).toBeGreaterThan(0)
    expect(Object.values(timings).every((time) => time >= 0)).toBe(true)
    for (const { sequences, promptTokens } of answers) {
      expect(promptTokens).toBeGreaterThan(0)
      expect(sequences).toHaveLength(1)
      for (const { text, tokens, offsets, logProbs, score, finishReason } of sequences) {
        expect(text).toMatch(/^(?:<\/s>)?<s>.*<\/s>$/s)
        expect(tokens.length).toBeGreaterThan(0)
        expect(offsets).toHaveLength(tokens.length)
        expect(logProbs).toHaveLength(tokens.length)
        expect(offsets.toSorted((a, b) => a - b)).toEqual(offsets)
        expect(logProbs.every((logProb) => logProb <= 0)).toBe(true)
        expect(score).toBeLessThanOrEqual(0)
        expect(finishReason).toBe('stop')
      }
    }
  })

  it('streams exactly the text of the best answer to each query', async () => {
    const streamed = ['', '']
    const { answers } = await answer(about(ask('caption'), ask('od')), {
      onText: (query, text) => (streamed[query] += text),
    })
    expect(streamed).toEqual(answers.map(({ sequences }) => sequences[0]?.text))
  })

  it('gives the same answer again', async () => {
    const texts = async () => (await answer(about(ask('caption')))).answers[0]?.sequences[0]?.text
    expect(await texts()).toBe(await texts())
  })

  it('gives as many sequences as were asked for, best first', async () => {
    const { answers } = await answer(about(ask('caption', { numReturnSequences: 3 })))
    const scores = answers[0]?.sequences.map(({ score }) => score) ?? []
    expect(scores).toHaveLength(3)
    expect(scores.toSorted((a, b) => b - a)).toEqual(scores)
  })

  it('looks at a picture the same way each time', async () => {
    const look = await model.look({ picture: PNG, applyOrientation: true })
    expect(look.width * look.height).toBeGreaterThan(0)
    expect(look.cells).toBeInstanceOf(Uint8Array)
    expect(look.cells).toHaveLength(LOOK_SIDE * LOOK_SIDE * 3)
    const again = await model.look({ picture: PNG, applyOrientation: true })
    expect(Buffer.compare(look.cells, again.cells)).toBe(0)
    expect(areAlike(look, again)).toBe(true)
    const other = await model.look({ picture: readSample('scene-07.png'), applyOrientation: true })
    expect(areAlike(look, other)).toBe(false)
  })

  it('is cancelled before and while it works', async () => {
    const request = about(ask('more_detailed_caption'))
    await expect(answer(request, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    })
    const controller = new AbortController()
    const running = answer(request, {
      signal: controller.signal,
      onText: () => controller.abort(),
    })
    await expect(running).rejects.toMatchObject({ code: 'cancelled' })
    await expect(answer(about(ask('caption')))).resolves.toBeDefined()
  })
})
