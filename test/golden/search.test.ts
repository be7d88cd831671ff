// The search against transformers' own generate(): every case of test/fixtures/search, both rules.
// Ids, scores (bit by bit) and how often the model was asked must all agree.
import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { FinishReason } from '../../src/caption/ports.ts'
import {
  generate,
  type SearchOptions,
  type SearchPlan,
} from '../../src/runtime/generate/generate.ts'
import {
  BOS,
  createTableDecoder,
  EOS,
  START,
  tableLogits,
  type TableModel,
} from '../support/table-model.ts'
import { SCORE_TOLERANCE } from '../support/tolerances.ts'

interface RuleResult {
  readonly ids: readonly (readonly number[])[]
  /** Forward passes that generate() made. */
  readonly steps: number
  /** As generate() gave them; absent for greedy search and for tie cases. */
  readonly scores?: readonly number[]
  /** With log-softmax rounded once, as the table decoder does: to be met bit by bit. */
  readonly exactScores?: readonly number[]
}

interface SearchCase {
  readonly name: string
  readonly model: number
  readonly options: Omit<SearchOptions, 'stoppingRule'>
  readonly forcedEos?: false
  readonly prefix?: readonly number[]
  readonly classic: RuleResult
  /** `ids` only where they differ from the classic ones. */
  readonly vectorised: Omit<RuleResult, 'ids'> & Partial<Pick<RuleResult, 'ids'>>
}

interface LogitsCheck {
  readonly model: number
  readonly prefix: readonly number[]
  readonly crc32: number
  readonly best: readonly (readonly [token: number, logit: number])[]
}

const { models, cases }: { models: TableModel[]; cases: SearchCase[] } = readFixture('search.json')
const logitsChecks: LogitsCheck[] = readFixture('logits.json')

function readFixture(name: string) {
  const url = new URL(`../fixtures/search/${name}`, import.meta.url)
  return JSON.parse(readFileSync(url, 'utf8'))
}

function modelOf(index: number): TableModel {
  const model = models[index]
  if (model === undefined) throw new Error(`no model ${index}`)
  return model
}

function planOf(testCase: SearchCase, stoppingRule: SearchOptions['stoppingRule']): SearchPlan {
  return {
    options: { ...testCase.options, stoppingRule },
    prefix: testCase.prefix ?? [],
    vocabulary: {
      decoderStart: START,
      eos: EOS,
      forcedBos: BOS,
      forcedEos: testCase.forcedEos === false ? null : EOS,
    },
    maxPositions: 1024,
  }
}

function expectedOf(testCase: SearchCase, rule: SearchOptions['stoppingRule']): RuleResult {
  const { classic, vectorised } = testCase
  return rule === 'classic' ? classic : { ...vectorised, ids: vectorised.ids ?? classic.ids }
}

/** generate() asks the model also where a token is forced; the search does not. */
function callsNeeded(testCase: SearchCase, steps: number): number {
  const forcedFirst = testCase.prefix === undefined
  const forcedLast = testCase.forcedEos !== false && steps === testCase.options.maxNewTokens
  return Math.max(
    0,
    steps - Number(forcedLast) - Number(forcedFirst && !(forcedLast && steps === 1)),
  )
}

/** Relative to the score, or absolute where that is below 1. */
function largestError(scores: readonly number[], expected: readonly number[]): number {
  const errors = expected.map((score, i) => {
    return Math.abs((scores[i] ?? Number.NaN) - score) / Math.max(1, Math.abs(score))
  })
  return Math.max(...errors)
}

describe('the table model', () => {
  it('has the same bits here and in Python', () => {
    expect(new Set(logitsChecks.map(({ model }) => model)).size).toBe(models.length)
    for (const check of logitsChecks) {
      const logits = tableLogits(modelOf(check.model), check.prefix)
      expect(check.best.map(([token]) => logits[token])).toEqual(
        check.best.map(([, logit]) => Math.fround(logit)),
      )
      expect(crc32(new Uint8Array(logits.buffer))).toBe(check.crc32)
    }
  })
})

describe.each(['classic', 'vectorised'] as const)('%s search', (rule) => {
  it.each(models.map((_, i) => i))('finds what generate() finds, model %i', async (model) => {
    for (const testCase of cases.filter((c) => c.model === model)) {
      const expected = expectedOf(testCase, rule)
      const decoder = createTableDecoder(modelOf(model))
      const found = await generate(decoder, planOf(testCase, rule))
      const { name } = testCase
      const scores = found.map(({ score }) => score)
      expect({
        name,
        ids: found.map(({ tokens }) => tokens),
        calls: decoder.calls(),
        scores,
        rounding: largestError(scores, expected.scores ?? scores) <= SCORE_TOLERANCE,
      }).toEqual({
        name,
        ids: expected.ids,
        calls: callsNeeded(testCase, expected.steps),
        scores: (expected.exactScores ?? scores).map(Math.fround),
        rounding: true,
      })
    }
  })
})

function longest({ classic }: SearchCase): number {
  return Math.max(...classic.ids.map((ids) => ids.length))
}

describe('the fixtures', () => {
  it('cover what they are meant to', () => {
    const count = (holds: (testCase: SearchCase) => boolean) => cases.filter(holds).length
    expect(cases.length).toBeGreaterThanOrEqual(600)
    expect(models.length).toBeGreaterThanOrEqual(30)
    expect(count((c) => longest(c) >= 300)).toBeGreaterThanOrEqual(20)
    expect(count((c) => c.prefix !== undefined)).toBeGreaterThanOrEqual(50)
    for (let beams = 1; beams <= 8; beams += 1) {
      expect(count((c) => c.options.numBeams === beams)).toBeGreaterThanOrEqual(10)
    }
    for (const penalty of [0.5, 1, 2, 0, -1]) {
      expect(count((c) => c.options.lengthPenalty === penalty)).toBeGreaterThanOrEqual(10)
    }
    for (const early of [true, false, 'never'] as const) {
      expect(count((c) => c.options.earlyStopping === early)).toBeGreaterThanOrEqual(10)
    }
  })

  it('tell the two rules apart', () => {
    const differing = cases.filter(
      ({ classic, vectorised }) =>
        vectorised.ids !== undefined || vectorised.steps !== classic.steps,
    )
    expect(differing.length).toBeGreaterThanOrEqual(50)
  })

  it('hold bans that bite: without them the answer would be another', async () => {
    let bites = 0
    for (const testCase of cases.filter((c) => c.options.noRepeatNgramSize > 0)) {
      if (modelOf(testCase.model).vocab > 1000) continue
      const { options, ...rest } = planOf(testCase, 'classic')
      const free = { ...rest, options: { ...options, noRepeatNgramSize: 0 } }
      const found = await generate(createTableDecoder(modelOf(testCase.model)), free)
      const ids = found.map(({ tokens }) => tokens.join(' '))
      if (ids.join('/') !== testCase.classic.ids.map((row) => row.join(' ')).join('/')) bites += 1
    }
    expect(bites).toBeGreaterThanOrEqual(90)
  })

  it('end for every reason', async () => {
    const reasons = new Set<FinishReason>()
    for (const testCase of cases.slice(0, 20)) {
      const decoder = createTableDecoder(modelOf(testCase.model))
      const found = await generate(decoder, planOf(testCase, 'classic'))
      for (const { finishReason } of found) reasons.add(finishReason)
    }
    expect(reasons).toEqual(new Set(['stop', 'length']))
  })
})
