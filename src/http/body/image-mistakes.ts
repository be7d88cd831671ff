// Texts that are sent where base64 belongs, recognised by what they are: "damaged, send it again" would
// send their senders looking in the wrong place.
import { FlocapError } from '../../base/errors.ts'

interface Mistake {
  readonly is: (text: string) => boolean
  /** The end of "The image in 'image' ...". */
  readonly what: string
  readonly hint: string
}

/** The beginning tells each of these; looking through megabytes would keep others waiting. */
const LOOKED_AT = 64 * 1024

/** The id of a file is shorter, and any picture longer. */
const MAX_ID_LENGTH = 100

const MISTAKES: readonly Mistake[] = [
  {
    is: (text) => /^data:/i.test(text),
    what: 'is a data URL inside another one',
    hint: 'Write data:image/jpeg;base64, once, and then the base64 of the file.',
  },
  {
    is: (text) => /^https?:\/\//i.test(text),
    what: 'is a web address where its base64 should be',
    hint: 'Send the address alone, without data: before it, where addresses are taken.',
  },
  {
    is: (text) => /^(?:data%3a|https?%3a)/i.test(text),
    what: 'is percent-encoded',
    hint: 'Decode it once before it goes into the request: %3A is a colon.',
  },
  {
    is: (text) => /^[\w+/\-\s]*%(?:2b|2f|3d|0a|0d)/i.test(text),
    what: 'is percent-encoded base64',
    hint: 'Decode it once before it goes into the request: %2B is +, %2F is / and %3D is =.',
  },
  {
    is: (text) => text.length < MAX_ID_LENGTH && /^file[-_][A-Za-z0-9]{8,}$/.test(text),
    what: 'is the id of an uploaded file, and FloCap keeps no files',
    hint: 'Send the picture itself, as base64 or as a data URL.',
  },
  {
    is: hasBlanksForPluses,
    what: 'has blanks where base64 has plus signs: something has decoded it as a form',
    hint: 'Send it as JSON, or write + as %2B in a form or a query.',
  },
]

/**
 * @param text what stands where base64 belongs
 * @throws FlocapError `invalid_base64_image` that says what it is instead
 */
export function assertNotMistaken(text: string, field: string): void {
  const given = text.slice(0, LOOKED_AT).trim()
  const mistake = MISTAKES.find(({ is }) => is(given))
  if (mistake === undefined) return
  throw new FlocapError('invalid_base64_image', `The image in '${field}' ${mistake.what}.`, {
    hint: mistake.hint,
    subject: field,
  })
}

/** Blanks that are not the breaks between lines of one length, in base64 without a plus sign. */
function hasBlanksForPluses(text: string): boolean {
  if (!text.includes(' ') || /[+_-]/.test(text) || !/^[A-Za-z0-9/ \r\n]+=*$/.test(text))
    return false
  const lines = text.split(/[ \r\n]+/)
  const [first = ''] = lines
  const areLines = lines.slice(0, -1).every(({ length }) => length === first.length)
  return !areLines || first.length % 4 !== 0
}
