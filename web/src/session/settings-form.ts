// How an answer is to be made, between the fields that a person fills in and what a request says.
import { MAX_BEAMS, MAX_NEW_TOKENS, MAX_TEMPERATURE } from '../../../src/caption/generation.ts'
import { RequestSettings } from '../server/wire.ts'

/** A field of the form: what it is called, what it does, and what is shown while it is empty. */
export interface SettingField {
  readonly name: keyof RequestSettings
  readonly label: string
  readonly help: string
  readonly placeholder: string
  /** Bounds of a number; a text has none. */
  readonly range?: readonly [least: number, most: number, step: number]
}

/** What is left empty is left to the server. */
export const SETTING_FIELDS: readonly SettingField[] = [
  {
    name: 'num_beams',
    label: 'Beams',
    help: 'More search longer for a likelier text; 1 is fastest.',
    placeholder: 'as the server is set',
    range: [1, MAX_BEAMS, 1],
  },
  {
    name: 'max_new_tokens',
    label: 'Longest answer',
    help: 'In tokens, about four letters each. An answer that reaches it is cut.',
    placeholder: 'as the task needs',
    range: [1, MAX_NEW_TOKENS, 1],
  },
  {
    name: 'prefix',
    label: 'Beginning',
    help: 'The answer begins with this and goes on from there.',
    placeholder: 'A photo of',
  },
  {
    name: 'temperature',
    label: 'Temperature',
    help: 'Draws words by lot instead of taking the likeliest; higher is more varied.',
    placeholder: 'no sampling',
    range: [0.1, MAX_TEMPERATURE, 0.1],
  },
  {
    name: 'top_p',
    label: 'Top p',
    help: 'Only the likeliest words that together have this share take part.',
    placeholder: '1',
    range: [0.05, 1, 0.05],
  },
  {
    name: 'seed',
    label: 'Seed',
    help: 'The same number draws the same words again.',
    placeholder: 'another each time',
    range: [0, Number.MAX_SAFE_INTEGER, 1],
  },
  {
    name: 'background',
    label: 'Background',
    help: 'What shows where the picture is transparent: white, black, checker, #rrggbb or reference.',
    placeholder: 'as the server is set',
  },
]

/** What was typed, by field. */
export type SettingTexts = Readonly<Partial<Record<keyof RequestSettings, string>>>

/** What a request says; what is wrong is left out of it, and said by `settingFault`. */
export function toSettings(texts: SettingTexts): RequestSettings {
  const given = SETTING_FIELDS.filter(
    (field) => (texts[field.name] ?? '').trim() !== '' && settingFault(field, texts) === undefined,
  )
  return RequestSettings.parse(
    Object.fromEntries(given.map((field) => [field.name, read(field, texts)])),
  )
}

/** Why a field is not taken, in words. */
export function settingFault(field: SettingField, texts: SettingTexts): string | undefined {
  const text = texts[field.name] ?? ''
  if (text.trim() === '' || field.range === undefined) return undefined
  const [least, most] = field.range
  const isTaken = RequestSettings.safeParse({ [field.name]: read(field, texts) }).success
  if (isTaken) return undefined
  const whole = field.range[2] === 1 ? 'a whole number' : 'a number'
  return `Expected ${whole} from ${least} to ${most}, got ${text}.`
}

/** Of a text as it is typed: blanks at the end of a beginning are meant. */
function read({ name, range }: SettingField, texts: SettingTexts): string | number {
  const text = texts[name] ?? ''
  return range === undefined ? text : Number(text)
}
