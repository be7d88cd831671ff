// The shape of one reference answer, shared by the fixtures of random checkpoints and of the bundled
// model: one picture, one prompt, greedy search and beam searches.
import { z } from 'zod'
import type { GenerationOptions } from '../../src/caption/ports.ts'

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/)

/** Token ids as the reference returns them: the start token first, `</s>` last. */
export const idsSchema = z.array(z.number().int().nonnegative()).readonly()

const greedySchema = z.object({
  ids: idsSchema,
  /** Of each id after the start token, log-softmax of the raw logits; forced ids 0. */
  logProbs: z.array(z.number()).readonly(),
})

const sequenceSchema = z.object({
  ids: idsSchema,
  /** Sum of the log-probabilities over (number of ids, start token not counted) ** lengthPenalty. */
  score: z.number(),
})

const searchFields = {
  stoppingRule: z.enum(['classic', 'vectorised']),
  numBeams: z.number().int(),
  earlyStopping: z.union([z.boolean(), z.literal('never')]),
  lengthPenalty: z.number(),
}

const caseFields = {
  /** Unique within its fixture. */
  name: z.string(),
  /** In models/flocap-demo/samples. */
  picture: z.string(),
  task: z.string(),
  input: z.string().nullable(),
  promptText: z.string(),
  /** `<s>` and `</s>` included, image placeholders not. */
  promptIds: idsSchema,
  /** Bound of the generated ids: the forced `<s>` and `</s>` count, the start token does not. */
  maxNewTokens: z.number().int(),
  noRepeatNgramSize: z.number().int(),
}

export const searchCaseSchema = z.object({
  ...caseFields,
  greedy: greedySchema,
  /** `sequences`: all `numBeams` finished beams, best first. */
  beams: z
    .array(z.object({ ...searchFields, sequences: z.array(sequenceSchema).readonly() }))
    .readonly(),
})

/** The text is what the reference's processor makes of the ids. */
const withText = { text: z.string() }

export const captionCaseSchema = z.object({
  ...caseFields,
  greedy: greedySchema.extend(withText),
  beams: z
    .array(
      z.object({
        ...searchFields,
        sequences: z.array(sequenceSchema.extend(withText)).readonly(),
      }),
    )
    .readonly(),
})

export const pictureFields = {
  file: z.string(),
  width: z.number().int(),
  height: z.number().int(),
  /** Of the resized picture, [size, size, 3] uint8. */
  resizedRgbSha256: sha256Schema,
  /** Of what the vision encoder reads, [3, size, size] float32 little-endian. */
  pixelsSha256: sha256Schema,
}

type SearchCase = Pick<z.infer<typeof searchCaseSchema>, 'maxNewTokens' | 'noRepeatNgramSize'> & {
  readonly beams: readonly (Pick<
    z.infer<typeof searchCaseSchema>['beams'][number],
    'stoppingRule' | 'numBeams' | 'earlyStopping' | 'lengthPenalty'
  > & { readonly sequences: readonly unknown[] })[]
}

/** The searches of a case in our options: greedy first, then its beams in order. */
export function toSearches({
  maxNewTokens,
  noRepeatNgramSize,
  beams,
}: SearchCase): GenerationOptions[] {
  const greedy: GenerationOptions = {
    maxNewTokens,
    noRepeatNgramSize,
    numBeams: 1,
    stoppingRule: 'classic',
    earlyStopping: false,
    lengthPenalty: 1,
    numReturnSequences: 1,
  }
  return [
    greedy,
    ...beams.map(({ stoppingRule, numBeams, earlyStopping, lengthPenalty, sequences }) => ({
      ...greedy,
      stoppingRule,
      numBeams,
      earlyStopping,
      lengthPenalty,
      numReturnSequences: sequences.length,
    })),
  ]
}
