import { describe, expect, it } from 'vitest'
import {
  captionModel,
  captionOptions,
  tablePlan,
} from '../../../test/support/search-arbitraries.ts'
import { createTableDecoder, tableLogProbs } from '../../../test/support/table-model.ts'
import type { SamplingOptions } from '../../caption/ports.ts'
import { generate, type FoundSequence, type SearchHooks } from './generate.ts'
import { createRandom } from './random.ts'
import { draw } from './sampling.ts'

const model = captionModel({ scale: 8 })

function samplePlan(sampling: Partial<SamplingOptions> = {}, numReturnSequences = 1) {
  const full = { temperature: 1, topP: 1, seed: 7, ...sampling }
  return tablePlan(captionOptions({ numBeams: 1, numReturnSequences, sampling: full }))
}

function sampled(
  sampling: Partial<SamplingOptions>,
  count = 1,
  hooks: SearchHooks = {},
): Promise<FoundSequence[]> {
  return generate(createTableDecoder(model), samplePlan(sampling, count), hooks)
}

function endsInThree(tokens: readonly number[]): boolean {
  return (tokens.at(-1) ?? 0) % 10 === 3
}

describe('sampling', () => {
  it('gives the same answer for the same seed and another for another', async () => {
    const first = await sampled({ seed: 1 })
    expect(await sampled({ seed: 1 })).toEqual(first)
    expect(await sampled({ seed: 2 })).not.toEqual(first)
  })

  it('draws each sequence from a stream of its own, however many are drawn', async () => {
    const eight = await sampled({}, 8)
    expect(new Set(eight.map(({ tokens }) => tokens.join(' '))).size).toBe(8)
    expect(await sampled({}, 3)).toEqual(eight.slice(0, 3))
  })

  it('begins with the forced BOS and repeats no trigram', async () => {
    for (const { tokens } of await sampled({ temperature: 0.7 }, 8)) {
      expect(tokens[0]).toBe(0)
      const ids = [2, ...tokens.slice(0, -1)]
      const trigrams = ids.slice(2).map((_, i) => ids.slice(i, i + 3).join(' '))
      expect(new Set(trigrams).size).toBe(trigrams.length)
    }
  })

  it('tells the log-probability that the model gave each token, whatever the temperature', async () => {
    const [found] = await sampled({ temperature: 2 })
    const ids = [2, ...(found?.tokens ?? [])]
    for (const [i, logProb] of (found?.logProbs ?? []).entries()) {
      const own = tableLogProbs(model, ids.slice(0, i + 1))[ids[i + 1] ?? -1]
      const forced = i === 0 || i === 39
      expect(logProb).toBe(forced ? 0 : own)
    }
  })

  it('comes to the greedy answer as the temperature falls', async () => {
    const greedy = await generate(
      createTableDecoder(model),
      tablePlan(captionOptions({ numBeams: 1 })),
    )
    expect(await sampled({ temperature: 1e-4 })).toEqual(greedy)
    expect(await sampled({ topP: 1e-9 })).toEqual(greedy)
  })

  it('streams the first sequence token by token', async () => {
    const pieces: (readonly number[])[] = []
    const found = await sampled({}, 3, { onCertain: (tokens) => pieces.push(tokens) })
    expect(pieces.flat()).toEqual(found[0]?.tokens)
    expect(pieces.every(({ length }) => length === 1)).toBe(true)
  })

  it('ends each sequence on its own when it is complete', async () => {
    const full = await sampled({}, 8)
    const cut = await sampled({}, 8, { isComplete: endsInThree })
    for (const [i, { tokens }] of full.entries()) {
      const end = tokens.findIndex((_, at) => endsInThree(tokens.slice(0, at + 1)))
      expect(cut[i]?.tokens).toEqual(end === -1 ? tokens : tokens.slice(0, end + 1))
      expect(cut[i]?.finishReason === 'stop_text').toBe(end !== -1)
    }
    expect(cut.some(({ finishReason }) => finishReason === 'stop_text')).toBe(true)
  })
})

describe('draw', () => {
  it('draws as often as the probabilities say', () => {
    const shares = [0.5, 0.25, 0.15, 0.1]
    const chances = shares.map((probability, token) => ({
      next: { token, logProb: Math.log(probability) },
      probability,
    }))
    const random = createRandom(11, 0)
    const counts = shares.map(() => 0)
    const draws = 40_000
    for (let i = 0; i < draws; i += 1) {
      const { token } = draw(chances, random)
      counts[token] = (counts[token] ?? 0) + 1
    }
    for (const [token, share] of shares.entries()) {
      const deviation = Math.sqrt(draws * share * (1 - share))
      expect(Math.abs((counts[token] ?? 0) - draws * share)).toBeLessThan(4 * deviation)
    }
  })

  it('draws the last token where rounding leaves a gap', () => {
    const chances = [{ next: { token: 4, logProb: -1 }, probability: 0.9 }]
    expect(draw(chances, () => 0.95).token).toBe(4)
  })
})
