// How long the shortest answer to a plan is: a few words of a schema can ask for a billion values.
import type { Slot } from './slot.ts'

/** Brackets, quotes and commas of a value, about. */
const FRAME = 4

/**
 * Characters of JSON, about. What may be left out counts, since it is filled where something is known;
 * of several ways the longest counts, since each may be tried.
 */
export function leastSize(slot: Slot): number {
  switch (slot.kind) {
    case 'null':
    case 'boolean':
    case 'number':
      return FRAME
    case 'string':
      return FRAME + slot.minLength
    case 'choice':
      return Math.max(0, ...slot.ways.map((way) => leastSize(way)))
    case 'array': {
      const rest = Math.max(0, slot.minItems - slot.first.length)
      return FRAME + sum(slot.first) + rest * (slot.item === undefined ? 0 : leastSize(slot.item))
    }
    case 'object': {
      const named = slot.properties.map(({ slot: inner, name }) => leastSize(inner) + name.length)
      const rest = Math.max(0, slot.minProperties - named.length)
      const open = slot.open === undefined ? 0 : rest * (FRAME + leastSize(slot.open))
      return named.reduce((total, size) => total + size, FRAME) + open
    }
  }
}

function sum(slots: readonly Slot[]): number {
  return slots.reduce((total, slot) => total + leastSize(slot), 0)
}
