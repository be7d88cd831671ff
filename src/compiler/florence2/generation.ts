// How a checkpoint wants its answers searched for: the tokens with a part in the search, and the
// settings of `generate()` that it states.
//
// Which file counts is as in the two implementations. transformers' own class reads
// generation_config.json alone where there is one, else config.json: its top level, then text_config.
// Microsoft's code reads text_config; generation_config.json comes before it here, because its models
// state there what their authors call generate() with.
import { z } from 'zod'
import { invalidField, parseModelFields } from '../../base/model-fields.ts'
import type { Manifest } from '../../compiled/manifest.ts'
import { CONFIG_FILE, GENERATION_FILE } from '../../weights/model-files.ts'
import type { Layout } from './names.ts'

/** Ids of a vocabulary: Florence-2 has 51,289. */
const MAX_TOKEN_ID = 2 ** 24
/** The search's own limits, as src/caption/generation.ts has them for requests. */
const MAX_BEAMS = 8
const MAX_LENGTH_PENALTY = 10
const MAX_NGRAM = 32

const tokenId = z.number().int().min(0).max(MAX_TOKEN_ID)
/** transformers takes a list of one for the same; more than one is refused by name. */
const oneToken = z.union([tokenId, z.tuple([tokenId]).transform(([id]) => id)])
/** More than any published model has. */
const MAX_ENDS = 16
const tokens = z.union([
  tokenId.transform((id): readonly number[] => [id]),
  z.array(tokenId).min(1).max(MAX_ENDS).readonly(),
])

/** Left out and null mean the same everywhere. */
const settingsSchema = z.object({
  bos_token_id: tokenId.nullish(),
  pad_token_id: tokenId.nullish(),
  eos_token_id: tokens.nullish(),
  decoder_start_token_id: oneToken.nullish(),
  forced_bos_token_id: tokenId.nullish(),
  forced_eos_token_id: oneToken.nullish(),
  num_beams: z.number().int().min(1).max(MAX_BEAMS).nullish(),
  early_stopping: z.union([z.boolean(), z.literal('never')]).nullish(),
  length_penalty: z.number().min(-MAX_LENGTH_PENALTY).max(MAX_LENGTH_PENALTY).nullish(),
  no_repeat_ngram_size: z.number().int().min(0).max(MAX_NGRAM).nullish(),
})

/** Settings that would change answers and that the search does not have, with what leaves it alone. */
const UNKNOWN_SETTINGS: Readonly<Record<string, readonly unknown[]>> = {
  repetition_penalty: [1],
  encoder_repetition_penalty: [1],
  encoder_no_repeat_ngram_size: [0],
  min_length: [0],
  min_new_tokens: [0],
  num_beam_groups: [1],
  diversity_penalty: [0],
  bad_words_ids: [],
  force_words_ids: [],
  constraints: [],
  sequence_bias: [],
  suppress_tokens: [],
  begin_suppress_tokens: [],
  forced_decoder_ids: [],
  exponential_decay_length_penalty: [],
  guidance_scale: [1],
  renormalize_logits: [false],
  penalty_alpha: [0],
  dola_layers: [],
}

type Settings = z.output<typeof settingsSchema>
/** Where a setting came from, for errors. */
interface Source {
  readonly file: string
  readonly path: readonly string[]
  readonly values: Readonly<Record<string, unknown>>
}

/** What the search needs to know of a checkpoint. */
export type SearchFacts = Pick<Manifest, 'tokens' | 'generation'>

const objectSchema = z.record(z.string(), z.unknown())

/**
 * @param generation the parsed generation_config.json; undefined where there is none
 * @throws FlocapError `invalid_model` naming the file and the field
 */
export function parseGeneration(config: unknown, generation: unknown, layout: Layout): SearchFacts {
  const fields = mergeSources(sourcesOf(config, generation, layout))
  const { bos_token_id: bos, eos_token_id: ends, decoder_start_token_id: start } = fields
  const [eos, ...otherEos] = ends ?? []
  if (eos === undefined) {
    throw invalidField(CONFIG_FILE, 'eos_token_id', 'the id of the token that ends an answer', ends)
  }
  const decoderStart = start ?? (layout === 'microsoft' ? eos : bos)
  if (decoderStart === null || decoderStart === undefined) {
    const expected = 'the id of the token that answers begin behind'
    throw invalidField(CONFIG_FILE, 'decoder_start_token_id', expected, start)
  }
  return {
    tokens: {
      bos: bos ?? decoderStart,
      eos,
      ...(otherEos.length === 0 ? {} : { otherEos }),
      decoderStart,
      forcedBos: fields.forced_bos_token_id ?? null,
      forcedEos: fields.forced_eos_token_id ?? null,
    },
    generation: {
      numBeams: fields.num_beams ?? null,
      earlyStopping: fields.early_stopping ?? false,
      lengthPenalty: fields.length_penalty ?? 1,
      noRepeatNgramSize: fields.no_repeat_ngram_size ?? 0,
    },
  }
}

/** In order of precedence. */
function sourcesOf(config: unknown, generation: unknown, layout: Layout): readonly Source[] {
  const top = parseModelFields(objectSchema, config, { file: CONFIG_FILE })
  const text = parseModelFields(objectSchema.default({}), top['text_config'], {
    file: CONFIG_FILE,
    path: ['text_config'],
  })
  const fromConfig: Source = { file: CONFIG_FILE, path: [], values: top }
  const fromText: Source = { file: CONFIG_FILE, path: ['text_config'], values: text }
  const own: Source[] =
    generation === undefined
      ? []
      : [
          {
            file: GENERATION_FILE,
            path: [],
            values: parseModelFields(objectSchema, generation, { file: GENERATION_FILE }),
          },
        ]
  if (layout === 'microsoft') {
    return [...own, fromText, { ...fromText, values: MICROSOFT_DEFAULTS }]
  }
  return own.length > 0 ? own : [fromConfig, fromText]
}

/** Of `Florence2LanguageConfig`. */
const MICROSOFT_DEFAULTS = {
  bos_token_id: 0,
  pad_token_id: 1,
  eos_token_id: 2,
  decoder_start_token_id: 2,
  forced_eos_token_id: 2,
}

function mergeSources(sources: readonly Source[]): Settings {
  const merged: Record<string, unknown> = {}
  for (const { file, path, values } of sources) {
    const given = Object.fromEntries(
      Object.entries(values).filter(([name, value]) => !(name in merged) && value !== null),
    )
    const parsed = parseModelFields(settingsSchema, given, { file, path })
    Object.assign(merged, parsed)
    for (const [name, harmless] of Object.entries(UNKNOWN_SETTINGS)) {
      const value = values[name]
      if (value === undefined || value === null || harmless.includes(value)) continue
      if (Array.isArray(value) && value.length === 0) continue
      throw invalidField(
        file,
        [...path, name].join('.'),
        harmless.length === 0 ? 'nothing' : harmless.join(' or '),
        value,
        { hint: `FloCap's search has no ${name}: take the field out to run the model without it.` },
      )
    }
  }
  return settingsSchema.parse(merged)
}
