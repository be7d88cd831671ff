// "Did you mean ...?": the known names that a mistyped one may stand for.
import { distance } from 'fastest-levenshtein'

/** Two names of which more than this part differs are two different words. */
const MAX_DIFFERENCE = 0.4

const MAX_SUGGESTIONS = 3

/** @returns at most three of `names`, nearest first; none when no name is near. */
export function nearestNames(typed: string, names: Iterable<string>): readonly string[] {
  return [...names]
    .map((name) => {
      const edits = distance(typed.toLowerCase(), name.toLowerCase())
      return { name, edits, isNear: edits <= MAX_DIFFERENCE * Math.max(typed.length, name.length) }
    })
    .filter(({ isNear }) => isNear)
    .toSorted((one, other) => one.edits - other.edits)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name)
}
