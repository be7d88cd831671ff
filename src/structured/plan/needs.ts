// Which tasks answer a plan. They run on one pass of the vision encoder.
import type { TaskId } from '../../caption/tasks.ts'
import { waysOf } from '../answer/fill-array.ts'
import type { ArraySlot, Slot, StringSlot } from './slot.ts'
import type { Topic } from './topic.ts'

/** `chosen`: the task of the request itself. */
export type Need = TaskId | 'chosen'

/** Shorter than what the task ever says: no use running it for a text that has to fit in. */
const SHORTEST = { detailed_caption: 60, more_detailed_caption: 120 } as const

export function needsOf(slot: Slot): ReadonlySet<Need> {
  const needs = new Set<Need>()
  collect(slot, false, needs)
  return needs
}

/** @param inFinding values there are made of the finding, not of the picture's captions. */
function collect(slot: Slot, inFinding: boolean, needs: Set<Need>): void {
  const add = (...tasks: readonly Need[]): void => {
    for (const task of tasks) needs.add(task)
  }
  switch (slot.kind) {
    case 'null':
      return
    case 'choice':
      for (const way of slot.ways) collect(way, inFinding, needs)
      return
    case 'boolean':
      if (slot.topic.subject !== 'presence' || inFinding) return
      add(...(isAboutText(slot.topic) ? (['ocr'] as const) : (['chosen', 'od'] as const)))
      return
    case 'number':
      if (inFinding) return
      if (slot.topic.subject === 'count') add('od')
      if (slot.topic.subject === 'confidence') add('chosen')
      return
    case 'string':
      if (!inFinding) add(...needsOfString(slot))
      return
    case 'object':
      for (const property of slot.properties) collect(property.slot, inFinding, needs)
      if (slot.open !== undefined) {
        add('od')
        collect(slot.open, true, needs)
      }
      return
    case 'array': {
      if (!inFinding) add(...needsOfArray(slot))
      const inside = inFinding || ABOUT_FINDINGS.has(slot.topic.subject)
      for (const item of [...slot.first, slot.item]) {
        if (item !== undefined) collect(item, inside, needs)
      }
    }
  }
}

const ABOUT_FINDINGS: ReadonlySet<Topic['subject']> = new Set(['tags', 'text', 'box', 'confidence'])

function isAboutText({ thing }: Topic): boolean {
  return /^(?:text|texts|writing|words|lettering|ocr)$/.test(thing.at(-1) ?? '')
}

function needsOfString({ topic, maxLength, members }: StringSlot): readonly Need[] {
  if (members !== undefined) return members.length === 1 ? [] : ['chosen', 'od']
  return FOR_TEXT[topic.subject]?.(maxLength) ?? []
}

const FOR_TEXT: Partial<Record<Topic['subject'], (limit: number | undefined) => readonly Need[]>> =
  {
    title: () => ['caption'],
    caption: (limit) => (limit === undefined ? ['more_detailed_caption'] : captionsWithin(limit)),
    alt: (limit = SHORTEST.more_detailed_caption) => captionsWithin(limit),
    generic: (limit) => (limit === undefined ? ['chosen'] : ['chosen', 'caption']),
    text: () => ['ocr'],
    tags: () => ['od', 'dense_region_caption'],
  }

/** The captions of which one can fit into so many characters. */
function captionsWithin(limit: number): readonly Need[] {
  return [
    ...(limit >= SHORTEST.more_detailed_caption ? (['more_detailed_caption'] as const) : []),
    ...(limit >= SHORTEST.detailed_caption ? (['detailed_caption'] as const) : []),
    'caption',
  ]
}

function needsOfArray(slot: ArraySlot): readonly Need[] {
  const ways = [slot.item, ...slot.first].flatMap(waysOf)
  const needs = FOR_LIST[slot.topic.subject]?.(slot.topic, ways)
  if (needs !== undefined) return needs
  const chooses = ways.some((way) => way.kind === 'string' && way.members !== undefined)
  return chooses ? ['chosen', 'od'] : []
}

const FINDINGS: readonly Need[] = ['od', 'dense_region_caption']

const FOR_LIST: Partial<
  Record<Topic['subject'], (topic: Topic, ways: readonly Slot[]) => readonly Need[]>
> = {
  // The members of a group, colours above all, are named in captions too.
  tags: ({ thing }) => (thing.length > 0 ? [...FINDINGS, 'more_detailed_caption'] : FINDINGS),
  box: () => FINDINGS,
  confidence: () => FINDINGS,
  text: (_, ways) => (ways.every(({ kind }) => kind === 'string') ? ['ocr'] : ['ocr_with_region']),
  caption: () => ['more_detailed_caption'],
  alt: () => ['more_detailed_caption'],
  title: () => ['more_detailed_caption'],
}

/** The share of the plan's values that a picture tells something about. */
export function coverageOf(slot: Slot): number {
  const values = valuesOf(slot)
  const told = values.filter(({ subject }) => subject !== 'unknown' && subject !== 'unknowable')
  return values.length === 0 ? 0 : told.length / values.length
}

function valuesOf(slot: Slot): readonly Topic[] {
  switch (slot.kind) {
    case 'null':
      return []
    case 'choice':
      return slot.ways.slice(0, 1).flatMap((way) => valuesOf(way))
    case 'object':
      return slot.properties.flatMap((property) => valuesOf(property.slot))
    case 'array':
      return slot.item === undefined ? [slot.topic] : valuesOf(slot.item)
    case 'boolean':
    case 'number':
    case 'string':
      return [slot.topic]
  }
}
