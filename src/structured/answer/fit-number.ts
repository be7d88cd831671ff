// A number that keeps its range and its steps.
import type { NumberSlot } from '../plan/slot.ts'

/** More would be a search; steps of real schemas are 1, 5, 0.1, 0.01. */
const MAX_TRIES = 1_000

/** The valid number nearest to `wanted`; undefined when there is none within reach. */
export function fitNumber(slot: NumberSlot, wanted: number): number | undefined {
  const { range, integer, members } = slot
  if (members !== undefined) {
    const numbers = members.filter((member) => typeof member === 'number')
    return numbers.toSorted((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))[0]
  }
  const step = stepOf(range.steps, integer)
  const low = Math.max(range.minimum ?? -Infinity, range.exclusiveMinimum ?? -Infinity)
  const high = Math.min(range.maximum ?? Infinity, range.exclusiveMaximum ?? Infinity)
  const clamped = Math.min(high, Math.max(low, wanted))
  if (step === undefined) return fitFraction(slot, clamped, low, high)
  const nearest = Math.round(clamped / step)
  for (let distance = 0; distance <= MAX_TRIES; distance += 1) {
    for (const multiple of [nearest - distance, nearest + distance]) {
      const value = roundTo(multiple * step, step)
      if (isInRange(slot, value) && range.steps.every((each) => isMultiple(value, each)))
        return value
    }
  }
  return undefined
}

/** Between bounds that may be excluded there is always a middle. */
function fitFraction(
  slot: NumberSlot,
  value: number,
  low: number,
  high: number,
): number | undefined {
  if (isInRange(slot, value)) return value
  const inner = Number.isFinite(low) && Number.isFinite(high) ? (low + high) / 2 : undefined
  const candidates = [inner, value + 1, value - 1].filter((each) => each !== undefined)
  return candidates.find((each) => isInRange(slot, each))
}

export function isInRange({ range }: NumberSlot, value: number): boolean {
  return (
    value >= (range.minimum ?? -Infinity) &&
    value <= (range.maximum ?? Infinity) &&
    value > (range.exclusiveMinimum ?? -Infinity) &&
    value < (range.exclusiveMaximum ?? Infinity)
  )
}

/** As the validator judges it. */
function isMultiple(value: number, step: number): boolean {
  const quotient = value / step
  return Number.isInteger(quotient)
}

function stepOf(steps: readonly number[], integer: boolean): number | undefined {
  const all = integer ? [1, ...steps] : steps
  return all.length === 0 ? undefined : Math.max(...all)
}

/** Takes away what binary fractions add: 3 * 0.1 is 0.30000000000000004. */
function roundTo(value: number, step: number): number {
  const digits = Math.min(15, /(?:\.(\d+))?(?:e-(\d+))?$/.exec(String(step))?.[1]?.length ?? 0)
  return digits === 0 ? value + 0 : Number(value.toFixed(digits))
}
