// Texts: captions of the length that is asked, names, text in the picture, members of an enum.
import type { StringSlot } from '../plan/slot.ts'
import type { Json } from '../schema/json-schema.ts'
import { hasPhrase, wordsOf } from '../words/names.ts'
import { mentions, readWords } from '../words/nouns.ts'
import { membersOfGroup } from '../words/things.ts'
import type { Context } from './context.ts'
import { emptiestString, isNeutral } from './emptiest.ts'
import { known, unanswered, unfit, type Outcome } from './filled.ts'
import { lengthOf, longestThatFits } from './fit-text.ts'
import { keepsRules, spellings } from './spellings.ts'
import { orientationOf, textsFor } from './texts.ts'

export function fillString(slot: StringSlot, context: Context): Outcome {
  if (slot.members !== undefined) return fillMember(slot, slot.members, context)
  const texts = textsFor(slot, context)
  const fitted = longestThatFits(texts, slot.maxLength ?? Infinity)
  if (fitted !== undefined && lengthOf(fitted) >= slot.minLength) {
    const spelled = spellings(fitted).find((each) => keepsRules(each, slot))
    if (spelled !== undefined) return known(spelled)
  }
  const longer = texts.find((text) => keepsRules(text, slot))
  if (longer !== undefined) return known(longer)
  const empty = emptiestString(slot, context.index ?? 0)
  if (empty === undefined) {
    return unfit(
      slot.path,
      'asks for a text that FloCap cannot write: no caption or label fits it.',
    )
  }
  return unanswered(empty, slot.path)
}

/** The member that occurs in labels or captions; members that say `unknown` are no findings. */
function fillMember(slot: StringSlot, members: readonly Json[], context: Context): Outcome {
  const texts = members.filter((member) => typeof member === 'string')
  const found = texts.find((member) => !isNeutral(member) && occurs(member, slot, context))
  if (found !== undefined) return known(found)
  const neutral = texts.find(isNeutral) ?? texts[0]
  if (neutral === undefined) return unfit(slot.path, 'has no member that is a text.')
  // One member is a constant: nothing was to be found out.
  return texts.length === 1 ? { ...known(neutral), known: false } : unanswered(neutral, slot.path)
}

function occurs(member: string, slot: StringSlot, context: Context): boolean {
  const { found, pictures, text } = context
  const words = wordsOf(member)
  if (words.length === 0) return false
  if (text !== undefined) return mentions(readWords(text.text), words)
  if (slot.topic.subject === 'orientation') {
    return pictures.some((picture) => words.includes(orientationOf(picture) ?? ''))
  }
  if (found !== undefined) {
    const own = wordsOf(`${found.label} ${found.phrase}`)
    return hasPhrase(own, words) || own.some((word) => membersOfGroup(words.at(-1) ?? '').has(word))
  }
  return pictures.some((picture) => mentions(picture.words, words))
}
