// Lists: of names, of things with their places, of lines of text, of the numbers of a box.
import type { ArraySlot, Slot } from '../plan/slot.ts'
import type { Topic } from '../plan/topic.ts'
import type { Json } from '../schema/json-schema.ts'
import { boxNumbers, readBoxOrder, readBoxUnit } from './boxes.ts'
import type { Context } from './context.ts'
import type { Evidence, Found } from './evidence.ts'
import type { Fill } from './fill.ts'
import { isUnfit, unfit, type Filled, type Outcome } from './filled.ts'
import { summariesOf, tagsOfText, type TextSource } from './text-source.ts'
import { tagsOf } from './texts.ts'

/** What items are made of, one each; undefined where nothing is known of the list. */
type Sources = readonly Context[] | undefined

export function fillArray(slot: ArraySlot, context: Context, fill: Fill): Outcome {
  const sources = sourcesFor(slot, context)
  const items = new Items(slot)
  for (const [index, first] of slot.first.entries()) {
    const outcome = fill(first, {
      ...(sources?.[index] ?? context),
      index: slot.unique ? index : 0,
    })
    if (isUnfit(outcome)) {
      if (index < slot.minItems) return outcome
      break
    }
    items.add(outcome)
  }
  const { item } = slot
  if (item !== undefined) {
    for (const source of sources?.slice(slot.first.length) ?? []) {
      if (items.isFull) break
      const outcome = fill(item, source)
      if (!isUnfit(outcome) && outcome.known) items.add(outcome)
    }
    // Nothing is left to be found: what is missing is filled up with what says nothing.
    for (let tries = 0; items.length < slot.minItems && tries < 2 * slot.minItems; tries += 1) {
      const index = slot.unique ? items.length + tries : 0
      const outcome = fill(item, { pictures: [], index })
      if (isUnfit(outcome)) return outcome
      items.fillUp(outcome)
    }
  }
  if (items.length < slot.minItems) {
    return unfit(
      slot.path,
      `asks for ${slot.minItems} different items, and there are ${items.length}.`,
    )
  }
  return items.finish(sources !== undefined)
}

class Items {
  readonly #slot: ArraySlot
  readonly #values: Json[] = []
  readonly #seen = new Set<string>()
  readonly #unanswered = new Set<string>()
  #known = false

  constructor(slot: ArraySlot) {
    this.#slot = slot
  }

  get length(): number {
    return this.#values.length
  }

  get isFull(): boolean {
    return this.length >= this.#slot.maxItems
  }

  /** Leaves out what the list has already: names, and anything where items have to be distinct. */
  add(item: Filled): void {
    const { unique, first } = this.#slot
    this.#add(item, unique || (typeof item.value === 'string' && first.length === 0))
  }

  fillUp(item: Filled): void {
    const { unique, path } = this.#slot
    this.#add({ ...item, known: false, unanswered: [path === '' ? '(root)' : path] }, unique)
  }

  #add({ value, known, unanswered }: Filled, distinct: boolean): void {
    const key = JSON.stringify(value)
    if (this.isFull || (distinct && this.#seen.has(key))) return
    this.#seen.add(key)
    this.#values.push(value)
    this.#known ||= known
    for (const path of unanswered) this.#unanswered.add(path)
  }

  /** That nothing was found is known where the list asks for something that can be found. */
  finish(searched: boolean): Filled {
    const known = this.#known || (searched && this.length === 0)
    const { path } = this.#slot
    // A list that can hold nothing, as at the end of a recursion, leaves nothing unanswered.
    const open = this.#slot.item !== undefined || this.#slot.first.length > 0
    const unanswered =
      known || !open || this.#unanswered.size > 0
        ? [...this.#unanswered]
        : [path === '' ? '(root)' : path]
    return { value: this.#values, known, unanswered }
  }
}

function sourcesFor(slot: ArraySlot, context: Context): Sources {
  const { topic } = slot
  const { pictures, found } = context
  if (context.text !== undefined) return textSources(slot, context.text)
  if (pictures.length === 0) return undefined
  if (topic.subject === 'box' && holds(slot, 'number')) return numbersFor(slot, context)
  if (found !== undefined) return topic.subject === 'unknown' ? undefined : [context]
  const source = SOURCES[topic.subject]
  if (source !== undefined) return pictures.flatMap((picture) => source(picture, slot))
  const asksOnce = holdsMembers(slot) || holds(slot, 'object')
  return asksOnce && topic.subject !== 'unknowable' ? [context] : undefined
}

function textSources(slot: ArraySlot, source: TextSource): Sources {
  const { topic, minItems } = slot
  if (!holds(slot, 'string') || topic.thing.length > 0) return undefined
  const items =
    topic.subject === 'tags'
      ? tagsOfText(source, minItems)
      : topic.subject === 'caption'
        ? summariesOf(source).slice(-1)
        : undefined
  return items?.map((given) => ({ pictures: [], given }))
}

type Source = (picture: Evidence, slot: ArraySlot) => readonly Context[]

const SOURCES: Partial<Record<Topic['subject'], Source>> = {
  tags(picture, slot) {
    const { thing } = slot.topic
    const all = holds(slot, 'string') ? tagsOf(picture, thing) : inGroup(picture, thing)
    return all.map((found) => ({ pictures: [picture], found }))
  },
  box: allFound,
  confidence: allFound,
  text(picture, slot) {
    if (!holds(slot, 'string')) {
      return picture.lines.map((found) => ({ pictures: [picture], found }))
    }
    const lines = (picture.text ?? '').split('\n').filter((line) => line !== '')
    return lines.map((given) => ({ pictures: [picture], given }))
  },
  caption: sentences,
  alt: sentences,
  title: sentences,
  pictures: (picture) => [{ pictures: [picture] }],
}

function allFound(picture: Evidence): readonly Context[] {
  return picture.found.map((found) => ({ pictures: [picture], found }))
}

function sentences(picture: Evidence): readonly Context[] {
  return (picture.long ?? picture.generic)
    .split(/(?<=[.!?])\s+/)
    .filter((sentence) => sentence !== '')
    .map((given) => ({ pictures: [picture], given }))
}

function inGroup(picture: Evidence, group: readonly string[]): readonly Found[] {
  if (group.length === 0) return picture.found
  const names = new Set(tagsOf(picture, group).map(({ label }) => label))
  return picture.found.filter(({ label }) => names.has(label))
}

/** The four numbers of the finding's box; beside a picture, of the one that is surest. */
function numbersFor({ topic, item, first }: ArraySlot, { pictures, found }: Context): Sources {
  const all = pictures.flatMap((picture) => picture.found)
  const subject = found ?? all.toSorted((a, b) => (b.confidence ?? 0) - (a.confidence ?? 0))[0]
  const number = [item, ...first].flatMap(waysOf).find((slot) => slot.kind === 'number')
  if (subject === undefined || number?.kind !== 'number') return undefined
  const hints = { texts: topic.said, maximum: number.range.maximum, integer: number.integer }
  const numbers = boxNumbers(subject, readBoxOrder(hints), readBoxUnit(hints))
  return numbers?.map((given) => ({ pictures, given }))
}

function holds({ item, first }: ArraySlot, kind: Slot['kind']): boolean {
  return [item, ...first].flatMap(waysOf).some((slot) => slot.kind === kind)
}

function holdsMembers({ item }: ArraySlot): boolean {
  return waysOf(item).some((slot) => slot.kind === 'string' && slot.members !== undefined)
}

export function waysOf(slot: Slot | undefined): readonly Slot[] {
  if (slot === undefined) return []
  return slot.kind === 'choice' ? slot.ways.flatMap(waysOf) : [slot]
}
