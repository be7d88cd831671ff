// Fills a plan with what was found on the pictures.
import type { BooleanSlot, ChoiceSlot, Slot } from '../plan/slot.ts'
import type { Checker } from '../schema/checker.ts'
import { mentions, readWords } from '../words/nouns.ts'
import type { Context } from './context.ts'
import { fillArray } from './fill-array.ts'
import { fillNumber } from './fill-number.ts'
import { fillObject } from './fill-object.ts'
import { fillString } from './fill-string.ts'
import { isUnfit, known, unanswered, unfit, type Filled, type Outcome } from './filled.ts'

export type Fill = (slot: Slot, context: Context) => Outcome

/** @param checker tells which way of a choice a value really fits. */
export function createFill(checker: Checker): Fill {
  const fill: Fill = (slot, context) => {
    switch (slot.kind) {
      case 'null':
        return { value: null, known: false, unanswered: [] }
      case 'boolean':
        return fillBoolean(slot, context)
      case 'string':
        return fillString(slot, context)
      case 'number':
        return fillNumber(slot, context)
      case 'array':
        return fillArray(slot, context, fill)
      case 'object':
        return fillObject(slot, context, fill)
      case 'choice':
        return fillChoice(slot, context)
    }
  }

  /** The first way that something is known for; else null; else the first that fits. */
  function fillChoice({ ways, also, path }: ChoiceSlot, context: Context): Outcome {
    const fitting: Filled[] = []
    let failure = unfit(path, 'can have no value: none of its alternatives fits.')
    for (const way of ways) {
      const outcome = fill(way, context)
      if (isUnfit(outcome)) failure = outcome
      else if (also.length === 0 || checker.fits(also, outcome.value)) fitting.push(outcome)
    }
    const best = fitting.find((each) => each.known) ?? fitting.find(({ value }) => value === null)
    if (best === undefined) return fitting[0] ?? failure
    return best.known || fitting.length === 1 ? best : unanswered(best.value, path)
  }

  return fill
}

function fillBoolean(slot: BooleanSlot, context: Context): Outcome {
  const found = isPresent(slot, context)
  const allowed = (value: boolean) => slot.members?.includes(value) !== false
  if (found !== undefined && allowed(found)) return known(found)
  const empty = !allowed(false)
  return slot.members?.length === 1
    ? { ...known(empty), known: false }
    : unanswered(empty, slot.path)
}

/** Whether a thing is there; undefined where not finding it says nothing. */
function isPresent({ topic }: BooleanSlot, { pictures, found }: Context): boolean | undefined {
  if (pictures.length === 0) return undefined
  if (topic.subject === 'tags' && found !== undefined) return true
  if (topic.subject !== 'presence') return undefined
  if (/^(?:text|texts|writing|words|lettering|ocr)$/.test(topic.thing.at(-1) ?? '')) {
    return pictures.some(({ text = '' }) => text !== '')
  }
  const present =
    found === undefined
      ? pictures.some(({ words }) => mentions(words, topic.thing))
      : mentions(readWords(`${found.label} ${found.phrase}`), topic.thing)
  return present || topic.explicit ? present : undefined
}
