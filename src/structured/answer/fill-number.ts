// Numbers: counts of boxes, sides of boxes, sizes, and how sure the model was.
import type { NumberSlot } from '../plan/slot.ts'
import type { Topic } from '../plan/topic.ts'
import { readBoxSide } from '../words/box-sides.ts'
import { mentions, readWords } from '../words/nouns.ts'
import { boxSide, readBoxUnit } from './boxes.ts'
import type { Context } from './context.ts'
import { emptiestNumber } from './emptiest.ts'
import type { Evidence } from './evidence.ts'
import { known, unanswered, unfit, type Outcome } from './filled.ts'
import { fitNumber, isInRange } from './fit-number.ts'

/** Digits of fractions: beyond them a probability says nothing. */
const DIGITS = 4

export function fillNumber(slot: NumberSlot, context: Context): Outcome {
  const wanted = numberFor(slot, context)
  if (wanted !== undefined) {
    const rounded = slot.integer ? Math.round(wanted) : Number(wanted.toFixed(DIGITS))
    const fitted = fitNumber(slot, rounded)
    // Steps round a value; a range that excludes it, or an enum without it, would make it another one.
    if (fitted !== undefined && (isInRange(slot, rounded) || isMeasure(slot))) {
      if (slot.members === undefined || fitted === rounded) return known(fitted)
    }
  }
  const empty = emptiestNumber(slot, context.index ?? 0)
  if (empty === undefined)
    return unfit(
      slot.path,
      'asks for a number that does not exist: its range and its steps exclude each other.',
    )
  return slot.members?.length === 1
    ? { ...known(empty), known: false }
    : unanswered(empty, slot.path)
}

/** Values on a scale, of which the range is a part: 0.97 of a scale that ends at 0.9 is 0.9. */
function isMeasure({ topic }: NumberSlot): boolean {
  return topic.subject === 'confidence' || topic.subject === 'side' || topic.subject === 'box'
}

function numberFor(slot: NumberSlot, context: Context): number | undefined {
  if (typeof context.given === 'number') return context.given
  if (context.pictures.length === 0) return undefined
  return NUMBERS[slot.topic.subject]?.(slot, context)
}

const NUMBERS: Partial<
  Record<Topic['subject'], (slot: NumberSlot, context: Context) => number | undefined>
> = {
  confidence(slot, { found, pictures }) {
    const share = found === undefined ? averageConfidence(pictures) : found.confidence
    return share === undefined ? undefined : share * scaleOf(slot)
  },
  side({ topic, range, integer }, { found }) {
    const unit = readBoxUnit({ texts: topic.said, maximum: range.maximum, integer })
    const side = readBoxSide(topic.thing[0] ?? '')
    return found === undefined || side === undefined ? undefined : boxSide(found, side, unit)
  },
  area(slot, { found }) {
    if (found?.box === undefined) return undefined
    const [x1, y1, x2, y2] = found.box
    const whole = found.picture.width * found.picture.height
    return whole === 0 ? undefined : (((x2 - x1) * (y2 - y1)) / whole) * scaleOf(slot)
  },
  // Beside a name: how many of these, or how surely one.
  tags(slot, context) {
    if (context.found === undefined) return undefined
    return slot.integer ? countOf(slot, context) : NUMBERS.confidence?.(slot, context)
  },
  width: (_, context) => onlyPicture(context)?.size.width,
  height: (_, context) => onlyPicture(context)?.size.height,
  count: countOf,
}

function onlyPicture({ pictures, found }: Context): Evidence | undefined {
  return pictures.length === 1 && found === undefined ? pictures[0] : undefined
}

function averageConfidence(pictures: readonly Evidence[]): number {
  return pictures.reduce((total, { confidence }) => total + confidence, 0) / pictures.length
}

/** What 1 is on the schema's scale: 1, 10 or 100 by its maximum, its examples or its words. */
function scaleOf({ range, integer, layers, topic }: NumberSlot): number {
  const most = range.maximum ?? range.exclusiveMaximum
  if (most !== undefined && most > 0) return most
  const examples = layers.flatMap((layer) => layer.examples ?? [])
  const largest = Math.max(0, ...examples.filter((value) => typeof value === 'number'))
  if (largest > 1) return largest > 10 ? 100 : 10
  const words = topic.said.join(' ').toLowerCase()
  if (/percent|0\s*(?:-|–|to|and)\s*100\b/.test(words)) return 100
  if (/0\s*(?:-|–|to|and)\s*10\b/.test(words)) return 10
  return integer ? 100 : 1
}

/** Boxes whose label is such a thing; the name has to say so, or the thing has to be there. */
function countOf({ topic }: NumberSlot, { found, pictures }: Context): number | undefined {
  const all = pictures.flatMap((picture) => picture.found)
  if (found !== undefined) return all.filter(({ label }) => label === found.label).length || 1
  if (topic.thing.length === 0) return all.length
  const count = all.filter(({ label }) => mentions(readWords(label), topic.thing)).length
  return count > 0 || topic.explicit ? count : undefined
}
