import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  captionModel,
  captionOptions,
  searches,
  tablePlan,
} from '../../../test/support/search-arbitraries.ts'
import { createTableDecoder, type TableDecoder } from '../../../test/support/table-model.ts'
import type { StepDecoder } from './decoder.ts'
import { generate } from './generate.ts'

/** A decoder during whose nth call something happens. */
function duringCall(decoder: TableDecoder, nth: number, happening: () => void): StepDecoder {
  const notice = () => {
    if (decoder.calls() + 1 === nth) happening()
  }
  return {
    vocabularySize: decoder.vocabularySize,
    prime(tokens, k) {
      notice()
      return decoder.prime(tokens, k)
    },
    step(rows, k) {
      notice()
      return decoder.step(rows, k)
    },
  }
}

describe('generate', () => {
  it('refuses a bad plan before it touches the decoder', async () => {
    const decoder = createTableDecoder(captionModel())
    const plan = tablePlan(captionOptions({ numBeams: 0 }))
    await expect(generate(decoder, plan)).rejects.toThrow('numBeams is at least 1')
    expect(decoder.calls()).toBe(0)
  })

  it('does not begin when the signal has been aborted', async () => {
    const decoder = createTableDecoder(captionModel())
    const plan = tablePlan(captionOptions())
    await expect(generate(decoder, plan, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    })
    expect(decoder.calls()).toBe(0)
  })

  it('makes no further step once aborted, for every kind of search', async () => {
    await fc.assert(
      fc.asyncProperty(searches, fc.integer({ min: 1, max: 6 }), async ({ model, plan }, nth) => {
        const rehearsal = createTableDecoder(model)
        await generate(rehearsal, plan)
        // Aborted in its last step a search has nothing left to cancel but, it may be, forced tokens.
        fc.pre(rehearsal.calls() > nth)

        const abort = new AbortController()
        const decoder = createTableDecoder(model)
        const slow = duringCall(decoder, nth, () => abort.abort())
        await expect(generate(slow, plan, { signal: abort.signal })).rejects.toMatchObject({
          code: 'cancelled',
        })
        expect(decoder.calls()).toBe(nth)
      }),
    )
  })

  it('passes on what the decoder throws', async () => {
    const decoder = createTableDecoder(captionModel())
    const broken = duringCall(decoder, 3, () => {
      throw new Error('out of memory')
    })
    await expect(generate(broken, tablePlan(captionOptions()))).rejects.toThrow('out of memory')
  })

  it('searches where the checkpoint forces no token', async () => {
    const plan = tablePlan(captionOptions(), [], null)
    const vocabulary = { ...plan.vocabulary, forcedBos: null }
    const decoder = createTableDecoder(captionModel())
    const [found] = await generate(decoder, { ...plan, vocabulary })
    expect(found?.finishReason).toBe('stop')
    expect(found?.logProbs[0]).toBeLessThan(0)
  })
})
