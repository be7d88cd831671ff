import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DecoderRow, StepDecoder, StepResult } from '../../src/runtime/generate/decoder.ts'
import { generate, type SearchPlan } from '../../src/runtime/generate/generate.ts'
import { isNearTie } from './near-tie.ts'
import { captionModel, captionOptions, tablePlan } from './search-arbitraries.ts'
import { createTableDecoder, START, tableLogProbs, type TableModel } from './table-model.ts'

const NOISE = 5e-2

/** Searches as captions are made. */
const captions = fc
  .record({
    seed: fc.nat(),
    numBeams: fc.integer({ min: 1, max: 5 }),
    earlyStopping: fc.boolean(),
    stoppingRule: fc.constantFrom('classic' as const, 'vectorised' as const),
  })
  .map(({ seed, ...options }) => ({
    model: captionModel({ seed, vocab: 60 }),
    plan: tablePlan(captionOptions(options)),
  }))

async function search(decoder: StepDecoder, plan: SearchPlan): Promise<(readonly number[])[]> {
  return (await generate(decoder, plan)).map(({ tokens }) => tokens)
}

/** The table's decoder with its log-probabilities changed by `change`, token by token. */
function changed(
  model: TableModel,
  change: (prefix: readonly number[], token: number, logProb: number) => number,
): StepDecoder {
  let prefixes: readonly (readonly number[])[] = []
  const answer = (k: number): StepResult => {
    const rows = prefixes.map((prefix) =>
      [...tableLogProbs(model, prefix).entries()]
        .map(([token, logProb]): [number, number] => [
          token,
          Math.fround(change(prefix, token, logProb)),
        ])
        .toSorted((a, b) => b[1] - a[1] || a[0] - b[0])
        .slice(0, k),
    )
    return {
      k,
      ids: Int32Array.from(rows.flatMap((row) => row.map(([token]) => token))),
      logProbs: Float32Array.from(rows.flatMap((row) => row.map(([, logProb]) => logProb))),
    }
  }
  return {
    vocabularySize: model.vocab,
    async prime(tokens, k) {
      prefixes = [[...tokens]]
      return answer(k)
    },
    async step(rows: readonly DecoderRow[], k) {
      prefixes = rows.map(({ token, parent }) => [...(prefixes[parent] ?? []), token])
      return answer(k)
    },
  }
}

describe('isNearTie', () => {
  it('proves what noise alone has changed', async () => {
    let differing = 0
    await fc.assert(
      fc.asyncProperty(captions, fc.nat(), async ({ model, plan }, seed) => {
        const noisy = changed(model, (prefix, token, logProb) => {
          const random = Math.sin(seed + 31 * token + 7 * prefix.length) * 43_758.5453
          const share = 2 * (random - Math.floor(random)) - 1
          return logProb + NOISE * share * Math.max(1, Math.abs(logProb))
        })
        const reference = await search(noisy, plan)
        const ours = await search(createTableDecoder(model), plan)
        if (String(ours) !== String(reference)) differing += 1
        const begin = () => createTableDecoder(model)
        expect(await isNearTie({ begin, plan, reference, noise: NOISE })).toBe(true)
      }),
      { numRuns: 30, seed: 16 },
    )
    expect(differing).toBeGreaterThan(0)
  })

  it.each([2, 5, 9])('tells a difference from a tie by its size, at token %i', async (place) => {
    const model = captionModel()
    const plan = tablePlan(captionOptions({ numBeams: 1, noRepeatNgramSize: 0 }))
    const [ours = []] = await search(createTableDecoder(model), plan)
    const prefix = [START, ...ours.slice(0, place)]
    const [best, second] = [...tableLogProbs(model, prefix).entries()].toSorted(
      (a, b) => b[1] - a[1],
    )
    if (best === undefined || second === undefined) throw new RangeError('two tokens')
    const [favourite, rival] = [best[0], second[0]]
    const swap = (token: number): number => {
      if (token === rival) return best[1]
      return token === favourite ? second[1] : -50
    }
    const swapped = changed(model, (before, token, logProb) =>
      before.length === prefix.length && before.every((each, at) => prefix[at] === each)
        ? swap(token)
        : logProb,
    )
    const reference = await search(swapped, plan)
    expect(reference).not.toEqual([ours])

    const sizes = Math.max(1, Math.abs(best[1])) + Math.max(1, Math.abs(second[1]))
    const least = (best[1] - second[1]) / sizes
    const begin = () => createTableDecoder(model)
    expect(await isNearTie({ begin, plan, reference, noise: 1.01 * least })).toBe(true)
    expect(await isNearTie({ begin, plan, reference, noise: 0.99 * least })).toBe(false)
  })

  it('proves another order of sequences that are equally good, and no other', async () => {
    const model = captionModel()
    const plan = tablePlan(captionOptions({ numReturnSequences: 3 }))
    const found = await generate(createTableDecoder(model), plan)
    const [first, second, third] = found
    if (first === undefined || second === undefined || third === undefined) throw new RangeError()
    const reference = [second.tokens, first.tokens, third.tokens]
    const begin = () => createTableDecoder(model)
    expect(await isNearTie({ begin, plan, reference, noise: 1e-5 })).toBe(false)
    const gap = (first.score - second.score) * first.tokens.length
    expect(await isNearTie({ begin, plan, reference, noise: 3 * gap })).toBe(true)
  })
})
