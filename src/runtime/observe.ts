// A compiled model looked at from inside: what its graphs give for sample pictures. For fitting and
// proving quantised models; captioning goes through florence2.ts.
import type { Prompt } from '../caption/ports.ts'
import { type Manifest, readManifest } from '../compiled/manifest.ts'
import { createGraphDecoders } from './generate/graph-decoder.ts'
import {
  floats,
  floatsOf,
  int64s,
  openSession,
  type Session,
  type SessionOptions,
  type Tensors,
} from './session.ts'
import { openTokenizer } from './tokenizer/tokenizer.ts'

export interface Observed {
  readonly imageFeatures: Float32Array
  readonly encoderOutput: Float32Array
  /** The most probable tokens after the first of an answer, by id. */
  readonly logProbs: ReadonlyMap<number, number>
  /** Further outputs of the vision and prefill graphs, by name. */
  readonly probes: ReadonlyMap<string, Float32Array>
}

/** How many of the first token's candidates are compared. */
const CANDIDATES = 200

/**
 * Runs each graph on every picture before the next is opened: memory holds one of them.
 *
 * @param pictures prepared for the model, [1, 3, side, side] each.
 */
export async function observeModel(
  folder: string,
  pictures: readonly Float32Array[],
  prompt: Extract<Prompt[number], { kind: 'text' }>,
  options: Pick<SessionOptions, 'threads' | 'mapWeights'>,
): Promise<Observed[]> {
  const manifest = await readManifest(folder)
  const { graphs, files, picture } = manifest
  const tokenizer = await openTokenizer(folder, files)
  const ids = tokenizer.encodePrompt([prompt])
  const withGraph = async <T>(file: string, use: (session: Session) => Promise<T>): Promise<T> => {
    const session = await openSession(folder, file, options)
    try {
      return await use(session)
    } finally {
      await session.close()
    }
  }

  const seen = await withGraph(graphs.vision, async (vision) => {
    const shape = [1, 3, picture.height, picture.width]
    return inOrder(pictures, async (pixels) => vision.run({ pixel_values: floats(pixels, shape) }))
  })
  const read = await withGraph(graphs.prefill, async (prefill) =>
    inOrder(seen, async ({ image_features: features }) =>
      prefill.run({ image_features: features!, input_ids: int64s(ids, [1, ids.length]) }),
    ),
  )
  const begun = await withGraph(graphs.decoder, async (decoder) =>
    inOrder(read, async (results) => firstToken(decoder, manifest, results)),
  )
  return pictures.map((_, i) => ({
    imageFeatures: floatsOf(seen[i]!, 'image_features'),
    encoderOutput: floatsOf(read[i]!, 'encoder_output'),
    logProbs: begun[i]!,
    probes: probesOf({ ...seen[i]!, ...read[i]! }),
  }))
}

/** Log-probabilities of what follows the forced beginning of an answer. */
async function firstToken(
  session: Session,
  manifest: Manifest,
  prefilled: Tensors,
): Promise<ReadonlyMap<number, number>> {
  const cross = Object.fromEntries(
    Object.entries(prefilled).filter(([name]) => name.startsWith('cross_')),
  )
  const { decoderStart, forcedBos, bos } = manifest.tokens
  const decoder = createGraphDecoders(session, manifest).begin(cross)
  const { ids, logProbs } = await decoder.prime([decoderStart, forcedBos ?? bos], CANDIDATES)
  return new Map([...ids].map((id, i) => [id, logProbs[i]!]))
}

function probesOf(results: Tensors): ReadonlyMap<string, Float32Array> {
  const own = /^(?:image_features|encoder_output|cross_(?:key|value)_\d+)$/
  return new Map(
    Object.keys(results)
      .filter((name) => !own.test(name))
      .map((name) => [name, floatsOf(results, name)]),
  )
}

async function inOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const item of items) results.push(await work(item))
  return results
}
