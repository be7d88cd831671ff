import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  captionModel,
  captionOptions,
  searches,
  tablePlan,
} from '../../../test/support/search-arbitraries.ts'
import { createTableDecoder } from '../../../test/support/table-model.ts'
import { createCertainPrefix } from './certain.ts'
import { generate } from './generate.ts'

describe('createCertainPrefix', () => {
  it('reports what all sequences begin with, each token once', () => {
    const heard: (readonly number[])[] = []
    const certain = createCertainPrefix(1, { onCertain: (tokens) => heard.push(tokens) })
    certain.narrow([
      [2, 0, 5, 6],
      [2, 0, 5, 7],
    ])
    certain.narrow([
      [2, 0, 5, 7, 8],
      [2, 0, 5, 7, 9],
    ])
    certain.narrow([[2, 0, 5, 7, 9]])
    expect(heard).toEqual([[0, 5], [7], [9]])
  })

  it('does not call when nothing new is certain', () => {
    const heard: (readonly number[])[] = []
    const certain = createCertainPrefix(1, { onCertain: (tokens) => heard.push(tokens) })
    certain.narrow([
      [2, 4],
      [2, 5],
    ])
    expect(heard).toEqual([])
  })

  it('stops at the first beginning that is complete, though more is certain', () => {
    const heard: (readonly number[])[] = []
    const certain = createCertainPrefix(1, {
      onCertain: (tokens) => heard.push(tokens),
      isComplete: (tokens) => tokens.includes(5),
    })
    certain.narrow([[2, 0, 5, 6, 7]])
    certain.narrow([[2, 0, 5, 6, 7, 8]])
    expect(heard).toEqual([[0, 5]])
    expect(certain.isComplete()).toBe(true)
    expect(certain.length()).toBe(3)
  })

  it('does not ask about the prompt', () => {
    const asked: (readonly number[])[] = []
    const certain = createCertainPrefix(3, {
      isComplete: (tokens) => {
        asked.push(tokens)
        return false
      },
    })
    certain.narrow([[2, 0, 5, 6, 7]])
    expect(asked).toEqual([
      [0, 5, 6],
      [0, 5, 6, 7],
    ])
  })
})

describe('streaming', () => {
  it('adds up to the tokens of the first sequence, for every kind of search', async () => {
    await fc.assert(
      fc.asyncProperty(searches, async ({ model, plan }) => {
        const pieces: (readonly number[])[] = []
        const found = await generate(createTableDecoder(model), plan, {
          onCertain: (tokens) => pieces.push(tokens),
        })
        expect(pieces.flat()).toEqual(found[0]?.tokens)
        expect(pieces.every((tokens) => tokens.length > 0)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('does not change what is found', async () => {
    await fc.assert(
      fc.asyncProperty(searches, async ({ model, plan }) => {
        const streamed = await generate(createTableDecoder(model), plan, {
          onCertain: () => undefined,
          isComplete: () => false,
        })
        expect(streamed).toEqual(await generate(createTableDecoder(model), plan))
      }),
    )
  })

  it('tells most of a caption before the search has ended', async () => {
    const shares: number[] = []
    for (let seed = 1; seed <= 30; seed += 1) {
      const decoder = createTableDecoder(captionModel({ seed, scale: 24 }))
      const early: number[] = []
      let callsAtNews = 0
      const [best] = await generate(decoder, tablePlan(captionOptions()), {
        onCertain: (tokens) => {
          callsAtNews = decoder.calls()
          early.push(...tokens.map(() => callsAtNews))
        },
      })
      const total = decoder.calls()
      const before = early.filter((calls) => calls < total).length
      shares.push(before / (best?.tokens.length ?? 1))
    }
    const mean = shares.reduce((a, b) => a + b) / shares.length
    expect(mean).toBeGreaterThan(0.5)
  })
})

describe('isComplete', () => {
  it('gives the shortest complete beginning of each sequence found without it', async () => {
    const targets = fc.integer({ min: 3, max: 8 })
    await fc.assert(
      fc.asyncProperty(searches, targets, async ({ model, plan }, length) => {
        // Some tokens rather than one, so that it often happens.
        const isComplete = (tokens: readonly number[]) => (tokens.at(-1) ?? 0) % length === 1
        const full = await generate(createTableDecoder(model), plan)
        const cut = await generate(createTableDecoder(model), plan, { isComplete })
        expect(cut).toHaveLength(full.length)
        for (const [i, sequence] of full.entries()) {
          const end = sequence.tokens.findIndex((_, at) => {
            return at >= plan.prefix.length + Number(plan.prefix.length > 0)
              ? isComplete(sequence.tokens.slice(0, at + 1))
              : false
          })
          const tokens = end === -1 ? sequence.tokens : sequence.tokens.slice(0, end + 1)
          expect(cut[i]?.tokens).toEqual(tokens)
          expect(cut[i]?.logProbs).toEqual(sequence.logProbs.slice(0, tokens.length))
          expect(cut[i]?.finishReason).toBe(end === -1 ? sequence.finishReason : 'stop_text')
        }
      }),
      { numRuns: 300 },
    )
  })

  it('spares the steps that are no longer needed', async () => {
    const full = createTableDecoder(captionModel())
    const [best] = await generate(full, tablePlan(captionOptions()))
    const third = best?.tokens[3]
    const early = createTableDecoder(captionModel())
    const [cut] = await generate(early, tablePlan(captionOptions()), {
      isComplete: (tokens) => tokens.at(-1) === third,
    })
    expect(cut).toMatchObject({ tokens: best?.tokens.slice(0, 4), finishReason: 'stop_text' })
    expect(early.calls()).toBeLessThan(full.calls())
  })
})
