// One compilation: a checkpoint, lowered in one way, into one folder.
import { writeFileSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { readModelJson } from '../base/model-json.ts'
import { describeContents } from '../compiled/contents.ts'
import { createManifest, type Manifest, writeManifest } from '../compiled/manifest.ts'
import { checkGraph } from '../onnx/check.ts'
import { ExternalDataWriter } from '../onnx/external-data.ts'
import { renderModel } from '../onnx/model-file.ts'
import {
  CONFIG_FILE,
  GENERATION_FILE,
  PREPROCESSOR_FILE,
  PROCESSOR_FILE,
  TOKENIZER_CONFIG_FILE,
  TOKENIZER_FILE,
} from '../weights/model-files.ts'
import { type Checkpoint, createCheckpoint } from '../weights/weights.ts'
import {
  type CheckpointFolder,
  openAdapter,
  openWeights,
  readOptionalJson,
} from './checkpoint-folder.ts'
import { createOverlay } from './adapter-overlay.ts'
import { type Florence2Config, parseFlorence2Config } from './florence2/config.ts'
import { parseGeneration } from './florence2/generation.ts'
import { buildGraphs, type Florence2Graphs, type Lowering } from './florence2/graphs.ts'
import { canonicalName, detectLayout, type Layout, withoutWrappers } from './florence2/names.ts'
import { parsePicturePreparation } from './picture-preparation.ts'
import { assertNotQuantised } from './quantised-checkpoint.ts'

const WEIGHTS_FILE = 'weights.bin'

/** Tensors that a checkpoint may hold and that no graph needs. */
const REDUNDANT_TENSORS = [
  // Constant: sines and cosines of the frame number, of which only frame 0 exists.
  /^multi_modal_projector\.visual_temporal_embed\.pos_idx_to_embed$/,
  // Names of the token embedding where it is stored more than once.
  /^language_model\.(?:encoder|decoder)\.embed_tokens\.weight$/,
]

/** What the manifest says that the graphs do not. */
export type ManifestFacts = Pick<
  Manifest,
  'compilerVersion' | 'fingerprint' | 'precision' | 'source'
>

/**
 * Writes graphs, weights, tokenizer files and manifest into the empty folder `target`.
 *
 * @throws FlocapError `invalid_model` naming the file, field or tensor.
 */
export async function writeModel(
  folder: CheckpointFolder,
  target: string,
  lowering: Lowering,
  { log, ...facts }: ManifestFacts & { readonly log: Logger },
): Promise<Manifest> {
  const configJson = await readModelJson(folder.path, CONFIG_FILE)
  assertNotQuantised(configJson)
  const generationJson = await readOptionalJson(folder, GENERATION_FILE)
  const picture = parsePicturePreparation({
    preprocessor: await readOptionalJson(folder, PREPROCESSOR_FILE),
    processor: await readOptionalJson(folder, PROCESSOR_FILE),
  })
  const { checkpoint, layout } = await openCheckpoint(folder, log)
  let graphs, search, config
  try {
    config = parseFlorence2Config(configJson, layout)
    search = parseGeneration(configJson, generationJson, layout)
    graphs = writeGraphs({ checkpoint, config, imageSize: picture.height, target }, lowering)
    assertTokensExist(search.tokens, graphs.vocabularySize)
  } finally {
    checkpoint.close()
  }
  reportZeros(checkpoint, log)
  const unread = checkpoint
    .unread()
    .filter((name) => !REDUNDANT_TENSORS.some((pattern) => pattern.test(name)))
  if (unread.length > 0) {
    log.warn({ tensors: unread }, 'the checkpoint holds tensors that Florence-2 does not use')
  }
  await copyFile(join(folder.path, TOKENIZER_FILE), join(target, TOKENIZER_FILE))
  const tokenizerConfig = (await readOptionalJson(folder, TOKENIZER_CONFIG_FILE)) ?? {}
  await writeFile(join(target, TOKENIZER_CONFIG_FILE), JSON.stringify(tokenizerConfig))

  const { text } = config
  const manifest = createManifest({
    ...facts,
    lowering: lowering.kind,
    decoderCache: graphs.decoderCache,
    createdAt: Date.now(),
    quantisation: null,
    unreadTensors: unread,
    parameters: checkpoint.parameters(),
    graphs: graphs.files,
    files: {
      tokenizer: TOKENIZER_FILE,
      tokenizerConfig: TOKENIZER_CONFIG_FILE,
    },
    picture,
    imageTokens: graphs.imageTokens,
    hiddenSize: text.hiddenSize,
    decoderLayers: text.decoder.layers,
    decoderHeads: text.decoder.heads,
    vocabularySize: graphs.vocabularySize,
    encoderPositions: text.maxPositions,
    decoderPositions: text.maxPositions,
    ...search,
    contents: [...(await describeContents(target))],
  })
  await writeManifest(target, manifest)
  return manifest
}

/** @throws FlocapError `invalid_model` when the checkpoint holds nothing, though its shapes are right. */
function reportZeros(checkpoint: Checkpoint, log: Logger): void {
  const { tensors, of } = checkpoint.zeroTensors()
  if (tensors.length === 0) return
  if (tensors.length === of) {
    throw new FlocapError('invalid_model', `All ${of} weight matrices hold nothing but zeros.`, {
      subject: tensors[0] ?? '',
      hint: 'The file was made but never filled, or its download was cut: fetch it again.',
    })
  }
  log.warn({ tensors }, 'tensors of the checkpoint hold nothing but zeros')
}

/** @throws FlocapError `invalid_model` for an id that the token matrix has no row for. */
function assertTokensExist(tokens: Manifest['tokens'], vocabularySize: number): void {
  const { otherEos = [], ...single } = tokens
  const named = [...Object.entries(single), ...otherEos.map((id) => ['eos', id] as const)]
  for (const [name, id] of named) {
    if (id === null || id < vocabularySize) continue
    throw new FlocapError(
      'invalid_model',
      `Expected a token of the model's ${vocabularySize} for ${name}, got ${id}.`,
      {
        subject: GENERATION_FILE,
        hint: `${CONFIG_FILE}, ${GENERATION_FILE} and the weights are not of the same model.`,
      },
    )
  }
}

/** @throws FlocapError `invalid_model` for a checkpoint that still has its adapter beside its weights. */
function assertMerged(names: readonly string[]): void {
  const unmerged = names.find((name) => /\.(?:lora_[AB]|lora_magnitude_vector)\b/.test(name))
  if (unmerged === undefined) return
  throw new FlocapError(
    'invalid_model',
    `The weights hold an adapter that is not merged: ${unmerged}.`,
    {
      subject: unmerged,
      hint:
        'Save the adapter by itself (PEFT: save_pretrained) and give it with --adapter, or merge it ' +
        'first (merge_and_unload).',
    },
  )
}

interface OpenCheckpoint {
  readonly checkpoint: Checkpoint
  readonly layout: Layout
}

async function openCheckpoint(folder: CheckpointFolder, log: Logger): Promise<OpenCheckpoint> {
  const files = openWeights(folder)
  const names = files.flatMap((file) => [...file.tensors.keys()])
  assertMerged(names)
  const wrapped = names.find((name) => withoutWrappers(name) !== name)
  if (wrapped !== undefined) {
    log.warn({ tensor: wrapped }, 'the tensors have the prefix of a wrapper, which is taken off')
  }
  const layout = detectLayout(names)
  if (layout === null) {
    for (const file of files) file.close()
    throw new FlocapError(
      'invalid_model',
      "The weights have neither Microsoft's nor transformers' names of a Florence-2 model: " +
        'there is no vision_tower.convs.0.proj.weight and no vision_tower.convs.0.conv.weight.',
      { subject: folder.weightFiles.join(', ') },
    )
  }
  const rename = (stored: string): string => canonicalName(layout, stored)
  if (folder.adapter === undefined) return { checkpoint: createCheckpoint(files, rename), layout }
  const adapter = await openAdapter(folder.adapter)
  const overlayOn = createOverlay.bind(undefined, adapter)
  const checkpoint = createCheckpoint(files, rename, overlayOn)
  const close = (): void => {
    checkpoint.close()
    adapter.file.close()
  }
  return { checkpoint: { ...checkpoint, close }, layout }
}

type WrittenGraphs = Pick<Florence2Graphs, 'decoderCache' | 'imageTokens' | 'vocabularySize'> & {
  readonly files: Manifest['graphs']
}

function writeGraphs(
  {
    checkpoint,
    config,
    imageSize,
    target,
  }: { checkpoint: Checkpoint; config: Florence2Config; imageSize: number; target: string },
  lowering: Lowering,
): WrittenGraphs {
  const external = new ExternalDataWriter(join(target, WEIGHTS_FILE), WEIGHTS_FILE)
  try {
    const built = buildGraphs(checkpoint.weights, config, imageSize, external, lowering)
    const files = { vision: 'vision.onnx', prefill: 'prefill.onnx', decoder: 'decoder.onnx' }
    for (const name of ['vision', 'prefill', 'decoder'] as const) {
      checkGraph(built[name].finish())
      writeFileSync(join(target, files[name]), renderModel(built[name]))
    }
    return { ...built, files }
  } finally {
    external.close()
  }
}
