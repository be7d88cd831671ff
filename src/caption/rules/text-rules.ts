// What is done to a caption before it is written, in one fixed order: shortened openings, replaced
// words, a length, and what stands before and behind it.
import { FlocapError } from '../../base/errors.ts'
import { escapeForKohya } from './escape.ts'
import { ALT_TEXT_CHARACTERS, type CaptionLength, cutToLength } from './length.ts'
import { stripOpening } from './openings.ts'
import { compileReplacement, replaceText } from './replace.ts'
import { toTags } from './tags.ts'
import { addTrigger, TRIGGER_PLACEHOLDER } from './trigger.ts'

export interface TextRules {
  /** Takes away 'The image shows' and its kin. */
  readonly stripOpenings?: boolean
  readonly replace?: readonly Replacement[]
  /** Regular expressions in RE2's syntax, which takes time in proportion to the text. */
  readonly replaceRegex?: readonly Replacement[]
  readonly length?: CaptionLength
  readonly prefix?: string
  readonly suffix?: string
  /** The word that a model is trained on: once, at the front. */
  readonly trigger?: string
  /** Writes `[trigger]`, which the training tool replaces. */
  readonly triggerPlaceholder?: boolean
  readonly escape?: 'kohya'
  /** A list with commas, each entry once. */
  readonly tags?: boolean
}

export interface Replacement {
  readonly from: string
  readonly to: string
}

export interface TextRule {
  /** For people: what it does. */
  readonly name: string
  readonly apply: (text: string) => string
}

/** Some times the longest answer: replacements that put more into each other are a mistake. */
const MAX_CHARACTERS = 20_000

/**
 * @param regexField by which people know regular expressions.
 * @throws FlocapError `invalid_request` for a regular expression that is none, or would take long.
 */
export function compileTextRules(
  rules: TextRules,
  regexField = '--replace-regex',
): readonly TextRule[] {
  const { prefix = '', suffix = '' } = rules
  const trigger = rules.triggerPlaceholder === true ? TRIGGER_PLACEHOLDER : rules.trigger
  const compiled: TextRule[] = []
  const add = (name: string, apply: TextRule['apply']): void => {
    compiled.push({ name, apply })
  }
  if (rules.stripOpenings === true) add('strip openings', stripOpening)
  for (const { from, to } of rules.replace ?? []) {
    add(`replace ${JSON.stringify(from)} by ${JSON.stringify(to)}`, (text) =>
      replaceText(text, from, to),
    )
  }
  for (const { from, to } of rules.replaceRegex ?? []) {
    add(`replace /${from}/ by ${JSON.stringify(to)}`, compileReplacement({ from, to }, regexField))
  }
  const { length } = rules
  if (length !== undefined) {
    // What is added behind counts as well: an alt text must fit as a whole.
    const added = prefix.length + suffix.length + (trigger === undefined ? 0 : trigger.length + 2)
    add(describeLength(length), (text) => cutToLength(text, length, added))
  }
  if (prefix !== '') add(`put ${JSON.stringify(prefix)} in front`, (text) => prefix + text)
  if (suffix !== '') add(`put ${JSON.stringify(suffix)} behind`, (text) => text + suffix)
  if (trigger !== undefined) {
    add(`trigger ${JSON.stringify(trigger)}`, (text) => addTrigger(text, trigger))
  }
  if (rules.escape === 'kohya') add('escape { and } for kohya', escapeForKohya)
  if (rules.tags === true) add('tags, each once', (text) => toTags(text).join(', '))
  return compiled
}

function describeLength(length: CaptionLength): string {
  return length === 'alt' ? `at most ${ALT_TEXT_CHARACTERS} characters` : `${length} length`
}

/**
 * @throws FlocapError `empty_caption` naming the rule that left nothing of the text, `invalid_request`
 * naming the one that made too much of it.
 */
export function applyTextRules(rules: readonly TextRule[], text: string): string {
  return rules.reduce((before, { name, apply }) => {
    const after = apply(before)
    if (after.length > MAX_CHARACTERS) {
      throw new FlocapError(
        'invalid_request',
        `The rule '${name}' made a caption of ${after.length} characters, expected at most ${MAX_CHARACTERS}.`,
        { hint: 'Replacements work one after the other, each on what the last one left.' },
      )
    }
    if (after.trim() !== '') return after
    throw new FlocapError('empty_caption', `The rule '${name}' left nothing of the caption.`, {
      hint: `The caption was ${JSON.stringify(before)}.`,
    })
  }, text)
}
