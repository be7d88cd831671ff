import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { captionOptions, tablePlan } from '../../../test/support/search-arbitraries.ts'
import type { StepResult } from './decoder.ts'
import { bannedTokens, bestTokens, forcedToken, listLength } from './logits.ts'
import { toSearchTerms } from './plan.ts'

describe('bannedTokens', () => {
  it('bans what followed the same two tokens before, the start token counted', () => {
    expect(bannedTokens([2, 0, 7, 2, 0], 3)).toEqual([7])
    expect(bannedTokens([2, 0, 0, 0], 3)).toEqual([0])
  })

  it('names each token once, however often it followed', () => {
    expect(bannedTokens([5, 9, 5, 8, 5, 9, 5], 2)).toEqual([8, 9])
  })

  it('bans nothing at size 0 or before there is an n-gram', () => {
    expect(bannedTokens([1, 1, 1, 1], 0)).toEqual([])
    expect(bannedTokens([2, 0], 3)).toEqual([])
    expect(bannedTokens([2], 3)).toEqual([])
  })

  it('bans every token so far at size 1', () => {
    expect(bannedTokens([2, 0, 7, 0], 1)).toEqual([0, 2, 7])
  })

  it('equals a table of all n-grams, as the reference once built it', () => {
    const ids = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 40 })
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 5 }), (tokens, size) => {
        const followers = new Map<string, Set<number>>()
        for (let i = 0; i + size <= tokens.length; i += 1) {
          const gram = tokens.slice(i, i + size)
          const key = gram.slice(0, -1).join(' ')
          followers.set(key, (followers.get(key) ?? new Set()).add(gram.at(-1) ?? -1))
        }
        const context = tokens.slice(tokens.length + 1 - size)
        const expected =
          tokens.length + 1 < size ? [] : [...(followers.get(context.join(' ')) ?? [])]
        expect(bannedTokens(tokens, size)).toEqual(expected.toSorted((a, b) => a - b))
      }),
    )
  })
})

describe('forcedToken', () => {
  const terms = toSearchTerms(tablePlan(captionOptions({ maxNewTokens: 5 })))

  it('forces BOS after the start token and EOS as the last token the limit allows', () => {
    expect([1, 2, 3, 4, 5].map((length) => forcedToken(length, terms))).toEqual([
      0,
      undefined,
      undefined,
      undefined,
      2,
    ])
  })

  it('lets EOS win where both apply', () => {
    expect(forcedToken(1, toSearchTerms(tablePlan(captionOptions({ maxNewTokens: 1 }))))).toBe(2)
  })

  it('forces no BOS after a prefix, and EOS by the tokens after it', () => {
    const prefixed = toSearchTerms(tablePlan(captionOptions({ maxNewTokens: 2 }), [9, 8]))
    expect([4, 5].map((length) => forcedToken(length, prefixed))).toEqual([undefined, 2])
  })

  it('forces nothing where the checkpoint does not', () => {
    const plan = tablePlan(captionOptions({ maxNewTokens: 2 }))
    const vocabulary = { ...plan.vocabulary, forcedBos: null, forcedEos: null }
    const free = toSearchTerms({ ...plan, vocabulary })
    expect([1, 2].map((length) => forcedToken(length, free))).toEqual([undefined, undefined])
  })
})

/** The k best of a row, best first, equal ones by id, as a decoder gives them. */
function step(logProbs: readonly number[], k: number): StepResult {
  const row = logProbs.map((logProb, token) => ({ token, logProb }))
  const best = row.toSorted((a, b) => b.logProb - a.logProb).slice(0, k)
  return {
    k,
    ids: Int32Array.from(best, ({ token }) => token),
    logProbs: Float32Array.from(best, ({ logProb }) => logProb),
  }
}

describe('a list of k tokens', () => {
  const rows = fc.integer({ min: 1, max: 60 }).chain((vocabulary) =>
    fc.record({
      // Few distinct values, so that many are equal.
      logProbs: fc.array(
        fc.integer({ min: -20, max: 0 }).map((x) => x / 4),
        {
          minLength: vocabulary,
          maxLength: vocabulary,
        },
      ),
      banned: fc.uniqueArray(fc.integer({ min: 0, max: vocabulary - 1 })),
      needed: fc.integer({ min: 1, max: 16 }),
    }),
  )

  it('gives what the whole vocabulary would give', () => {
    fc.assert(
      fc.property(rows, ({ logProbs, banned, needed }) => {
        const forbidden = banned.toSorted((a, b) => a - b)
        const k = listLength([forbidden], needed, logProbs.length)
        const processed = logProbs.map((logProb, token) => ({
          token,
          logProb: banned.includes(token) ? -Infinity : logProb,
        }))
        const expected = processed.toSorted((a, b) => {
          return a.logProb === b.logProb ? a.token - b.token : b.logProb - a.logProb
        })
        expect(bestTokens(step(logProbs, k), 0, forbidden, needed)).toEqual(
          expected.slice(0, needed),
        )
      }),
      { numRuns: 500 },
    )
  })

  it('is no longer than it must be', () => {
    expect(listLength([[4], [], [5, 6]], 6, 51_289)).toBe(8)
    expect(listLength([[]], 6, 5)).toBe(5)
  })
})
