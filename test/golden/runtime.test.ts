// Properties of the whole runtime on a small random model: what must not depend on who else is there,
// and what happens at the limits.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FlocapError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/log.ts'
import type {
  GenerationOptions,
  Query,
  QueryAnswer,
  VisionAnswer,
  VisionModel,
} from '../../src/caption/ports.ts'
import { compileModel } from '../../src/compiler/compile.ts'
import { createFlorence2 } from '../../src/runtime/florence2.ts'
import {
  type Florence2Fixture,
  readFixturePicture,
  readFlorence2Fixture,
} from '../support/florence2-fixtures.ts'
import { parseShapes } from '../support/florence2-shapes.ts'
import { writeRandomCheckpoint } from '../support/random-checkpoint.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const query = (text: string, options: Partial<GenerationOptions> = {}): Query => ({
  prompt: [{ kind: 'text', text }],
  generation: {
    numBeams: 3,
    maxNewTokens: 24,
    earlyStopping: false,
    lengthPenalty: 1,
    noRepeatNgramSize: 3,
    stoppingRule: 'classic',
    numReturnSequences: 1,
    ...options,
  },
})

const PROMPTS = ['What does the image describe?', 'a red car', 'Locate the dog in the image.']

const folder = createFolder()
afterAll(() => removeFolder(folder))

async function load(
  name: string,
  fixture: Florence2Fixture,
  lowering: 'plain' | 'fused' = 'fused',
): Promise<VisionModel> {
  const checkpoint = join(folder, name)
  mkdirSync(checkpoint, { recursive: true })
  writeRandomCheckpoint(checkpoint, fixture)
  const compiled = join(folder, `${name}-${lowering}`)
  await compileModel(checkpoint, compiled, { log: silentLogger, lowering })
  return createFlorence2(compiled, { id: name, demo: false, threads: 1 })
}

/**
 * What must not depend on who else is there. Sums over a cache with others in it round differently in the
 * last bits of the log-probabilities.
 */
function saidIn(answers: readonly QueryAnswer[]): unknown {
  return answers.map(({ sequences, promptTokens }) => ({
    promptTokens,
    sequences: sequences.map(({ tokens, text, finishReason }) => ({ tokens, text, finishReason })),
  }))
}

describe('the runtime', () => {
  let model: VisionModel
  beforeAll(async () => {
    model = await load('demo-like', readFlorence2Fixture('demo-like'))
  })
  afterAll(async () => model.close())

  const answer = async (file: string, queries: readonly Query[]) =>
    (await model.answer({ picture: readFixturePicture(file), applyOrientation: false, queries }))
      .answers

  it('answers several queries about a picture as it answers each alone', async () => {
    const queries = PROMPTS.map((text) => query(text))
    const together = await answer('scene-01.png', queries)
    for (const [i, single] of queries.entries()) {
      const [alone] = await answer('scene-01.png', [single])
      expect(saidIn([together[i]!])).toEqual(saidIn([alone!]))
    }
  })

  // Longer and shorter prompts, more and fewer rows in a step.
  const overlapping: [file: string, query: Query][] = [
    ['scene-02.png', query('a red car')],
    ['scene-03.png', query('What does the image describe?', { numBeams: 1 })],
    ['scene-04.png', query('Locate the phrases in the caption: a dog on a hill', { numBeams: 5 })],
    ['scene-05.png', query('a red car', { prefix: 'The image shows', maxNewTokens: 9 })],
    ['scene-06.png', query('What does the image describe?', { maxNewTokens: 5 })],
    ['scene-07.png', query('a dog', { numBeams: 1 })],
    ['scene-08.png', query('What is in the region', { numBeams: 1 })],
  ]

  it('answers requests that overlap as it answers each alone', async () => {
    const together = await Promise.all(overlapping.map(([file, own]) => answer(file, [own])))
    for (const [i, [file, own]] of overlapping.entries()) {
      const [alone] = await answer(file, [own])
      expect(saidIn(together[i]!)).toEqual(saidIn([alone!]))
    }
  })

  it('answers a request as ever when others come and are given up meanwhile', async () => {
    const [[file, own], ...rest] = [overlapping[1]!, overlapping[0]!, ...overlapping.slice(2)]
    const long = { ...own, generation: { ...own.generation, maxNewTokens: 60 } }
    const [alone] = await answer(file, [long])
    const work = { isDone: false }
    const disturbed = answer(file, [long]).finally(() => {
      work.isDone = true
    })
    const others: Promise<unknown>[] = []
    while (!work.isDone) {
      const [other, asked] = rest[others.length % rest.length]!
      const signal = others.length % 2 === 0 ? AbortSignal.timeout(others.length) : undefined
      const asking = model.answer(
        { picture: readFixturePicture(other), applyOrientation: false, queries: [asked] },
        signal ? { signal } : {},
      )
      others.push(asking.catch((error: unknown) => error))
      await setTimeout(2)
    }
    expect(saidIn(await disturbed)).toEqual(saidIn([alone!]))
    for (const [i, outcome] of (await Promise.all(others)).entries()) {
      if (outcome instanceof FlocapError) expect(outcome.code).toBe('cancelled')
      else {
        const [other, asked] = rest[i % rest.length]!
        // oxlint-disable-next-line no-unsafe-type-assertion -- what is no error is an answer
        const { answers } = outcome as VisionAnswer
        expect(saidIn(answers)).toEqual(saidIn(await answer(other, [asked])))
      }
    }
  })

  it('reads a picture once for requests about it that overlap', async () => {
    const picture = readFixturePicture('scene-09.png')
    const answers = await Promise.all(
      PROMPTS.map(async (text) =>
        model.answer({ picture, applyOrientation: false, queries: [query(text)] }),
      ),
    )
    const times = answers.map(({ timings }) => timings.vision)
    expect(times.filter((time) => time > Math.max(...times) / 10)).toHaveLength(1)
  })

  const searches: [name: string, options: Partial<GenerationOptions>][] = [
    ['greedy', { numBeams: 1 }],
    ['three beams', {}],
    ['five beams', { numBeams: 5 }],
    ['the vectorised rule', { stoppingRule: 'vectorised' }],
    ['a forced beginning', { prefix: 'The image shows' }],
    ['a stop text that occurs', { stop: ['e', 'zz'] }],
    ['sampling', { numBeams: 1, sampling: { temperature: 1, topP: 0.9, seed: 7 } }],
  ]
  it.each(searches)('streams exactly the text it answers with: %s', async (_, options) => {
    for (const text of PROMPTS) {
      let streamed = ''
      const { answers } = await model.answer(
        {
          picture: readFixturePicture('scene-07.png'),
          applyOrientation: false,
          queries: [query(text, options)],
        },
        {
          onText: (_query, piece) => {
            streamed += piece
          },
        },
      )
      expect(streamed).toBe(answers[0]!.sequences[0]!.text)
    }
  })

  it('begins with the text it is told to begin with', async () => {
    const [found] = await answer('scene-07.png', [
      query('a red car', { prefix: 'The image shows' }),
    ])
    expect(found!.sequences[0]!.text).toMatch(/^<s>The image shows/)
  })

  it('ends before a stop text, and says so', async () => {
    const [plain] = await answer('scene-07.png', [query('a red car')])
    const whole = plain!.sequences[0]!.text
    const stop = whole.slice(12, 15)
    const [stopped] = await answer('scene-07.png', [query('a red car', { stop: [stop] })])
    expect(stopped!.sequences[0]).toMatchObject({ finishReason: 'stop_text' })
    expect(stopped!.sequences[0]!.text).not.toContain(stop)
  })

  it('says when an answer was cut at its limit', async () => {
    const [cut] = await answer('scene-07.png', [query('a red car', { maxNewTokens: 5 })])
    expect(cut!.sequences[0]).toMatchObject({ finishReason: 'length' })
    expect(cut!.sequences[0]!.tokens).toHaveLength(5)
  })

  it('gives the same samples for the same seed, and others for another', async () => {
    const sample = async (seed: number) =>
      answer('scene-08.png', [
        query('a red car', { numBeams: 1, sampling: { temperature: 1.5, topP: 1, seed } }),
      ])
    expect(await sample(1)).toEqual(await sample(1))
    expect(await sample(2)).not.toEqual(await sample(1))
  })

  it('reads a prompt up to its last position, and refuses one token more', async () => {
    const { config, layout } = readFlorence2Fixture('demo-like').checkpoint
    const { positions } = parseShapes(config, layout).text
    // One token a word; two ends and the image tokens take the rest.
    const [{ promptTokens } = { promptTokens: 0 }] = await answer('scene-00.png', [query(' dog')])
    const room = positions - promptTokens + 1
    const words = (count: number): Query => query(' dog'.repeat(count), { maxNewTokens: 4 })
    const [longest] = await answer('scene-00.png', [words(room)])
    expect(longest!.promptTokens).toBe(positions)
    await expect(answer('scene-00.png', [words(room + 1)])).rejects.toMatchObject({
      code: 'prompt_too_long',
    })
  })
})

describe('a model with 4096 positions', () => {
  const base = readFlorence2Fixture('demo-like')
  const text = base.checkpoint.config['text_config']
  const long: Florence2Fixture = {
    ...base,
    checkpoint: {
      ...base.checkpoint,
      config: {
        ...base.checkpoint.config,
        text_config: { ...(typeof text === 'object' ? text : {}), max_position_embeddings: 4096 },
      },
    },
  }
  const models: VisionModel[] = []
  beforeAll(async () => {
    for (const lowering of ['plain', 'fused'] as const)
      models.push(await load('long', long, lowering))
  })
  afterAll(async () => {
    for (const model of models) await model.close()
  })

  const tokens = async (model: VisionModel, options: Partial<GenerationOptions>) => {
    const { answers } = await model.answer({
      picture: readFixturePicture('scene-09.png'),
      applyOrientation: false,
      queries: [query('a red car', { noRepeatNgramSize: 3, ...options })],
    })
    return answers[0]!.sequences[0]!.tokens
  }

  it('writes answers longer than 1024 tokens', async () => {
    const answer = await tokens(models[1]!, { numBeams: 1, maxNewTokens: 1_200 })
    expect(answer.length).toBeGreaterThan(1_024)
    expect(await tokens(models[0]!, { numBeams: 1, maxNewTokens: 1_200 })).toEqual(answer)
  })

  // 5 x 400 slots: the shared cache grows, and gives the slots of dead beams back on the way.
  it('searches long answers with five beams as the plain decoder does', async () => {
    const options = { numBeams: 5, maxNewTokens: 400 }
    expect(await tokens(models[1]!, options)).toEqual(await tokens(models[0]!, options))
  })
})
