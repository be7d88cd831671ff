// Captions by rules, as `flocap caption` writes them: beside the text of each answer, which stays as it is.
import { FlocapError } from '../../../base/errors.ts'
import type { CaptionResult } from '../../../caption/captioner.ts'
import {
  applyTextRules,
  compileTextRules,
  type TextRule,
} from '../../../caption/rules/text-rules.ts'
import { sayAnswer } from '../../../caption/say-answer.ts'
import { TASKS } from '../../../caption/tasks.ts'
import type { NativeRequest } from './schema.ts'

/** What the rules leave of an answer; null where nothing was said or found. */
export type ToCaption = (result: CaptionResult) => string | null

/**
 * Undefined where the request has no rules.
 * @throws FlocapError `invalid_request` for a wrong regular expression, before anything is asked.
 */
export function toCaptionRules({ text_rules: fields }: NativeRequest): ToCaption | undefined {
  if (fields === undefined) return undefined
  const { strip_openings, replace_regex, ...same } = fields
  const rules = compileTextRules(
    {
      ...withoutUndefined(same),
      ...(strip_openings === undefined ? {} : { stripOpenings: strip_openings }),
      ...(replace_regex === undefined ? {} : { replaceRegex: replace_regex }),
    },
    'text_rules.replace_regex',
  )
  return (result) => captionBy(rules, result)
}

/** @throws FlocapError `empty_caption` naming the rule that left nothing of it. */
function captionBy(rules: readonly TextRule[], result: CaptionResult): string | null {
  const said = sayAnswer(TASKS[result.task], result)
  return said === undefined ? null : applyTextRules(rules, said)
}

/** @throws FlocapError where a request with rules asks for what has no text. */
export function refuseRules({ text_rules: rules }: NativeRequest): void {
  if (rules === undefined) return
  throw new FlocapError('invalid_request', 'A drawing has no caption for text_rules.', {
    subject: 'text_rules',
    hint: "Ask for JSON with the field 'overlay' to get both.",
  })
}

type Defined<Shape> = { [Name in keyof Shape]: Exclude<Shape[Name], undefined> }

/** Fields that were left out are absent. */
function withoutUndefined<Shape extends object>(shape: Shape): Partial<Defined<Shape>> {
  const entries = Object.entries(shape).filter(([, value]) => value !== undefined)
  // oxlint-disable-next-line no-unsafe-type-assertion -- only members of the shape are left
  return Object.fromEntries(entries) as Partial<Defined<Shape>>
}
