// Text to token ids and back.
//
// Two tokenizers are made from the same file: one that knows the special tokens, for decoding and for
// control tokens, and one that does not, for everything a user wrote. Text can therefore never turn
// into a control token, whatever it says.
import { Tokenizer as BpeTokenizer } from '@huggingface/tokenizers'
import { z } from 'zod'
import { FlocapError } from '../../base/errors.ts'
import { readModelJson } from '../../base/model-json.ts'
import type { ResolvedPrompt } from '../../caption/ports.ts'
import { findTaskTokens } from '../../caption/task-tokens.ts'
import { tokenizerFileSchema, withFlorence2Tokens } from './florence2-tokens.ts'
import { assertKnownTokenizer } from './known-tokenizer.ts'
import { withUnicodeSpaces } from './unicode-spaces.ts'

/** The name of a token, as transformers 4 and 5 write it. */
const tokenName = z.union([
  z.string(),
  z.looseObject({ content: z.string() }).transform(({ content }) => content),
])

const configSchema = z.looseObject({
  // Where a file says nothing: transformers' default until 4.44, with which Florence-2 was published.
  clean_up_tokenization_spaces: z
    .boolean()
    .nullish()
    .transform((given) => given ?? true),
  bos_token: tokenName.nullish(),
  eos_token: tokenName.nullish(),
})

export interface Tokenizer {
  /** `<s>`, the prompt, `</s>`. @throws FlocapError when a control token is not in the vocabulary. */
  encodePrompt(prompt: ResolvedPrompt): number[]
  /** Plain text, without `<s>` and `</s>`. */
  encodeText(text: string): number[]
  /** Those of the model itself and no Florence-2's, with their ids. */
  readonly taskTokens: readonly { readonly token: string; readonly id: number }[]
  /** With special tokens in their written form. */
  decode(tokens: readonly number[]): string
}

/** @param folder holds both files. @throws FlocapError `invalid_model` */
export async function openTokenizer(
  folder: string,
  files: { readonly tokenizer: string; readonly tokenizerConfig: string },
): Promise<Tokenizer> {
  const file = tokenizerFileSchema.safeParse(await readModelJson(folder, files.tokenizer))
  const config = configSchema.safeParse(await readModelJson(folder, files.tokenizerConfig))
  if (!file.success || !config.success) {
    throw new FlocapError('invalid_model', 'The tokenizer files of the model are damaged.', {
      cause: file.error ?? config.error,
    })
  }
  assertKnownTokenizer(file.data)
  const complete = withUnicodeSpaces(withFlorence2Tokens(file.data))
  const special = new BpeTokenizer(complete, config.data)
  const plain = new BpeTokenizer({ ...complete, added_tokens: [] }, config.data)
  // BART's names, which a config need not repeat.
  const bos = controlToken(special, config.data.bos_token ?? '<s>')
  const eos = controlToken(special, config.data.eos_token ?? '</s>')
  const encodeText = (text: string): number[] =>
    plain.encode(text, { add_special_tokens: false }).ids

  return {
    taskTokens: findTaskTokens(file.data.added_tokens.map(({ content }) => content)).map(
      (token) => ({ token, id: controlToken(special, token) }),
    ),
    encodeText,
    encodePrompt(prompt) {
      const ids = prompt.flatMap((part) =>
        part.kind === 'text' ? encodeText(part.text) : [controlToken(special, part.token)],
      )
      return [bos, ...ids, eos]
    },
    // The library refuses an empty list.
    decode: (tokens) =>
      tokens.length === 0 ? '' : special.decode([...tokens], { skip_special_tokens: false }),
  }
}

function controlToken(tokenizer: BpeTokenizer, token: string): number {
  const id = tokenizer.token_to_id(token)
  if (id !== undefined) return id
  throw new FlocapError('invalid_request', `The model has no token ${token}.`, { subject: token })
}
