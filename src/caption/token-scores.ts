// How sure the model was of a part of its answer: of one label, of one box.
import { firstChosen, lastChosen } from './confidence.ts'
import type { Sequence } from './ports.ts'

/**
 * The geometric mean of the probabilities of the tokens that begin at these places of the answer's
 * text, 0 to 1; 0 when the model chose none of them itself.
 */
export type ScorePlaces = (places: readonly number[]) => number

interface Chosen {
  sum: number
  count: number
}

/** Forced tokens have no say, as in `toConfidence`. */
export function createScores(sequence: Sequence): ScorePlaces {
  const { offsets, logProbs } = sequence
  const chosen = new Map<number, Chosen>()
  const end = lastChosen(sequence)
  for (let index = firstChosen(sequence); index < end; index += 1) {
    const place = offsets[index] ?? 0
    const known = chosen.get(place) ?? { sum: 0, count: 0 }
    known.sum += logProbs[index] ?? 0
    known.count += 1
    chosen.set(place, known)
  }
  return (places) => {
    let sum = 0
    let count = 0
    for (const place of places) {
      const each = chosen.get(place)
      sum += each?.sum ?? 0
      count += each?.count ?? 0
    }
    return count === 0 ? 0 : Math.min(1, Math.exp(sum / count))
  }
}
