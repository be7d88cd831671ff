// Random table models and search plans for property tests.
import * as fc from 'fast-check'
import type { SearchOptions, SearchPlan } from '../../src/runtime/generate/generate.ts'
import { BOS, EOS, START, type TableModel } from './table-model.ts'

const tableModels: fc.Arbitrary<TableModel> = fc.record({
  seed: fc.nat(),
  vocab: fc.integer({ min: 20, max: 120 }),
  context: fc.constantFrom(-1, 0, 1, 2, 3),
  scale: fc.constantFrom(4, 10, 20),
  sharpness: fc.constantFrom(0.5, 1, 2),
  eosBias: fc.constantFrom(-20, -4, 0, 4),
  eosSlope: fc.constantFrom(0, 0.05, 0.3),
  repeatBonus: fc.constantFrom(0, 4, 10),
  tieStep: fc.constantFrom(0, 0, 1),
})

const searchOptions: fc.Arbitrary<SearchOptions> = fc
  .record({
    numBeams: fc.integer({ min: 1, max: 8 }),
    maxNewTokens: fc.integer({ min: 1, max: 32 }),
    earlyStopping: fc.constantFrom<SearchOptions['earlyStopping']>(true, false, 'never'),
    lengthPenalty: fc.constantFrom(-1, 0, 0.5, 1, 2),
    noRepeatNgramSize: fc.constantFrom(0, 2, 3, 4),
    stoppingRule: fc.constantFrom<SearchOptions['stoppingRule']>('classic', 'vectorised'),
  })
  .chain((options) =>
    fc.integer({ min: 1, max: options.numBeams }).map((numReturnSequences) => ({
      ...options,
      numReturnSequences,
    })),
  )

/** A model and a plan for it. */
export const searches: fc.Arbitrary<{ model: TableModel; plan: SearchPlan }> = fc
  .tuple(tableModels, searchOptions, fc.boolean(), fc.boolean())
  .chain(([model, options, forcesEos, hasPrefix]) =>
    fc
      .array(fc.integer({ min: 3, max: model.vocab - 1 }), {
        minLength: hasPrefix ? 1 : 0,
        maxLength: hasPrefix ? 5 : 0,
      })
      .map((prefix) => ({ model, plan: tablePlan(options, prefix, forcesEos ? EOS : null) })),
  )

/** The settings of FloCap's own captions, as one test or another changes them. */
export function captionOptions(changes: Partial<SearchOptions> = {}): SearchOptions {
  return {
    numBeams: 3,
    maxNewTokens: 40,
    earlyStopping: false,
    lengthPenalty: 1,
    noRepeatNgramSize: 3,
    stoppingRule: 'classic',
    numReturnSequences: 1,
    ...changes,
  }
}

export function tablePlan(
  options: SearchOptions,
  prefix: readonly number[] = [],
  forcedEos: number | null = EOS,
): SearchPlan {
  return {
    options,
    prefix,
    vocabulary: { decoderStart: START, eos: EOS, forcedBos: BOS, forcedEos },
    maxPositions: 1024,
  }
}

/** An ordinary model: captions of some twenty tokens, none of them certain. */
export function captionModel(changes: Partial<TableModel> = {}): TableModel {
  return {
    seed: 1,
    vocab: 300,
    context: 3,
    scale: 16,
    sharpness: 1,
    eosBias: -2,
    eosSlope: 0.3,
    repeatBonus: 2,
    tieStep: 0,
    ...changes,
  }
}
