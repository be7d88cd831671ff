// tokenizer.json comes with the model, from elsewhere: what of it is run must be known.
//
// The format may hold regular expressions, and JavaScript's take exponential time over some of them.
// No Florence-2 model needs one: BART's tokenizer splits by an expression that the library brings.
import { FlocapError } from '../../base/errors.ts'
import { toPrintable } from '../../base/printable.ts'
import type { TokenizerFile } from './florence2-tokens.ts'

/** Expressions that files of Florence-2's kin hold, and that are known to take linear time. */
const KNOWN_EXPRESSIONS: ReadonlySet<string> = new Set([
  // GPT-2's, which newer versions of the format write out.
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
])

/** Florence-2 has 51,289 tokens; the largest vocabularies of other models some 260,000. */
const MAX_TOKENS = 1_000_000
/** The longest of BART's has 66 characters. */
const MAX_TOKEN_LENGTH = 1_000
/** The published files nest four deep. */
const MAX_DEPTH = 16

/** @throws FlocapError `invalid_model` naming what is not known or out of range. */
export function assertKnownTokenizer(file: TokenizerFile): void {
  const { model, added_tokens: added, ...parts } = file
  const { vocab, ...settings } = model
  // Of Unigram and WordPiece there are vocabularies too; merges are pairs of tokens.
  const { merges: _, ...behaviour } = settings
  assertExpressions({ ...parts, behaviour }, 0)
  const entries = Object.entries(vocab)
  assertCount(entries.length + added.length)
  for (const [token, id] of entries) assertToken(token, id)
  for (const { content, id } of added) assertToken(content, id)
}

function assertExpressions(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > MAX_DEPTH) throw refuse(`is nested more than ${MAX_DEPTH} deep`)
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'Regex' && !(typeof inner === 'string' && KNOWN_EXPRESSIONS.has(inner))) {
      throw refuse(`holds the regular expression ${show(inner)}, and only known ones are run`)
    }
    assertExpressions(inner, depth + 1)
  }
}

function assertCount(count: number): void {
  if (count > MAX_TOKENS) throw refuse(`lists ${count} tokens, the limit is ${MAX_TOKENS}`)
}

function assertToken(token: string, id: number): void {
  if (token.length > MAX_TOKEN_LENGTH) {
    throw refuse(
      `has a token of ${token.length} characters, the limit is ${MAX_TOKEN_LENGTH}: ${show(token)}`,
    )
  }
  if (id < 0 || id >= MAX_TOKENS) {
    throw refuse(`numbers the token ${show(token)} ${id}, expected 0 to ${MAX_TOKENS - 1}`)
  }
}

function show(value: unknown): string {
  const text = toPrintable(JSON.stringify(value) ?? 'undefined')
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

function refuse(problem: string): FlocapError {
  return new FlocapError('invalid_model', `tokenizer.json ${problem}.`, {
    subject: 'tokenizer.json',
    hint: 'Use the tokenizer.json of the model that this one was made from.',
  })
}
