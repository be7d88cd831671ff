// How far a quantised model is from the same model in float32.
import { FlocapError } from '../../base/errors.ts'
import type { Observation } from './laboratory.ts'

export interface QuantisationError {
  /** Relative L2 over all sample pictures. */
  readonly imageFeatures: number
  readonly encoderOutput: number
  /** Kullback-Leibler divergence of the first token's distribution, in nats, the worst picture's. */
  readonly firstToken: number
}

/**
 * What `auto` accepts. Image features and encoder output: see docs/design/quantisation.md for the
 * evidence. First token: 0.05 nats is a fair coin against one of 66 %.
 */
export const AUTO_BOUND: QuantisationError = {
  imageFeatures: 0.1,
  encoderOutput: 0.1,
  firstToken: 0.05,
}

/** @throws FlocapError `invalid_model` where a model computes nothing that could be compared. */
export function measureError(
  reference: readonly Observation[],
  quantised: readonly Observation[],
): QuantisationError {
  const pairs = reference.map((expected, i) => ({ expected, found: quantised[i]! }))
  const error = {
    imageFeatures: relativeError(
      pairs.map(({ expected, found }) => [expected.imageFeatures, found.imageFeatures]),
    ),
    encoderOutput: relativeError(
      pairs.map(({ expected, found }) => [expected.encoderOutput, found.encoderOutput]),
    ),
    firstToken: Math.max(
      ...pairs.map(({ expected, found }) => divergence(expected.logProbs, found.logProbs)),
    ),
  }
  if (Object.values(error).every(Number.isFinite)) return error
  throw new FlocapError(
    'invalid_model',
    'The model gives no finite numbers for sample pictures, or nothing but zeros.',
    { hint: 'Its weights may be damaged, or far too large: fetch the model again.' },
  )
}

export function isWithin(error: QuantisationError, bound: QuantisationError): boolean {
  return (
    error.imageFeatures <= bound.imageFeatures &&
    error.encoderOutput <= bound.encoderOutput &&
    error.firstToken <= bound.firstToken
  )
}

function relativeError(pairs: readonly (readonly [Float32Array, Float32Array])[]): number {
  let [distance, length] = [0, 0]
  for (const [expected, found] of pairs) {
    for (const [i, value] of expected.entries()) {
      distance += (found[i]! - value) ** 2
      length += value ** 2
    }
  }
  return Math.sqrt(distance / length)
}

/** A token that one side does not list is less probable than all that it lists. */
function divergence(
  expected: ReadonlyMap<number, number>,
  found: ReadonlyMap<number, number>,
): number {
  const floor = Math.min(...found.values())
  let total = 0
  for (const [id, logProb] of expected) {
    total += Math.exp(logProb) * (logProb - (found.get(id) ?? floor))
  }
  return Math.max(0, total)
}
