// From a checkpoint folder to a compiled folder that the runtime can load.
//
// A compiled folder is made under a temporary name and renamed when it is complete, so a half-made
// one is never seen. It is used again as long as the checkpoint's files and the compiler are the same.
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { FlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import {
  createManifest,
  type Manifest,
  MANIFEST_FILE,
  type SourceFile,
} from '../compiled/manifest.ts'
import { checkGraph } from '../onnx/check.ts'
import { ExternalDataWriter } from '../onnx/external-data.ts'
import { renderModel } from '../onnx/model-file.ts'
import { type Checkpoint, createCheckpoint } from '../weights/weights.ts'
import {
  type CheckpointFolder,
  CONFIG_FILE,
  findCheckpoint,
  hashFile,
  openWeights,
  PREPROCESSOR_FILE,
  readJson,
  statSources,
  TOKENIZER_CONFIG_FILE,
  TOKENIZER_FILE,
} from './checkpoint-folder.ts'
import { type Florence2Config, parseFlorence2Config } from './florence2/config.ts'
import { formatPlan } from './florence2/fused/linear-plan.ts'
import { buildGraphs, type Florence2Graphs, type Lowering } from './florence2/graphs.ts'
import { canonicalName, detectLayout } from './florence2/names.ts'
import { formatsOf, type Precision } from './precision.ts'
import { findReusable } from './reuse.ts'

/** Raise it with every change that alters a compiled file: older folders are then made anew. */
export const COMPILER_VERSION = 2

const WEIGHTS_FILE = 'weights.bin'

/** Tensors that a checkpoint may hold and that no graph needs. */
const REDUNDANT_TENSORS = [
  // Constant: sines and cosines of the frame number, of which only frame 0 exists.
  /^multi_modal_projector\.visual_temporal_embed\.pos_idx_to_embed$/,
  // Names of the token embedding where it is stored more than once.
  /^language_model\.(?:encoder|decoder)\.embed_tokens\.weight$/,
]

const imageSizeSchema = z.object({
  size: z.object({ height: z.number().int().positive(), width: z.number().int().positive() }),
})

export interface CompileOptions {
  readonly log: Logger
  /** Default `fp32`. */
  readonly precision?: Precision
  /** `plain` is for tests, which compare the fused graphs with it. Default `fused`. */
  readonly lowering?: Lowering['kind']
}

/**
 * Makes `destination` a compiled form of the checkpoint in `source`, unless it already is one.
 *
 * @throws FlocapError `model_not_found` or `invalid_model` naming the file, field or tensor.
 */
export async function compileModel(
  source: string,
  destination: string,
  options: CompileOptions,
): Promise<Manifest> {
  const { log, precision = 'fp32', lowering = 'fused' } = options
  const target = {
    precision,
    lowering,
    compilerVersion: COMPILER_VERSION,
  }
  const folder = await findCheckpoint(source)
  const reusable = await findReusable(folder, destination, target)
  if (reusable) {
    log.debug({ folder: destination }, 'using the compiled model')
    return reusable
  }

  const began = performance.now()
  log.info({ source, precision }, 'compiling the model')
  const temporary = join(dirname(destination), `.${basename(destination)}.${randomUUID()}`)
  await mkdir(temporary, { recursive: true })
  try {
    const manifest = await compileInto(folder, temporary, { log, precision, lowering })
    await publish(temporary, destination)
    log.info({ ms: Math.round(performance.now() - began) }, 'compiled the model')
    return manifest
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

async function compileInto(
  folder: CheckpointFolder,
  target: string,
  { log, precision, lowering }: Required<CompileOptions>,
): Promise<Manifest> {
  const config = parseFlorence2Config(await readJson(folder.path, CONFIG_FILE))
  const imageSize = parseImageSize(await readJson(folder.path, PREPROCESSOR_FILE))
  const checkpoint = openCheckpoint(folder)
  let graphs
  try {
    graphs = writeGraphs(
      { checkpoint, config, imageSize, target },
      lowering === 'plain'
        ? { kind: 'plain' }
        : { kind: 'fused', plan: formatPlan(formatsOf(precision)) },
    )
  } finally {
    checkpoint.close()
  }
  const unread = checkpoint
    .unread()
    .filter((name) => !REDUNDANT_TENSORS.some((pattern) => pattern.test(name)))
  if (unread.length > 0) {
    log.warn({ tensors: unread }, 'the checkpoint holds tensors that Florence-2 does not use')
  }
  for (const file of [TOKENIZER_FILE, TOKENIZER_CONFIG_FILE, PREPROCESSOR_FILE]) {
    await copyFile(join(folder.path, file), join(target, file))
  }

  const { text } = config
  const manifest = createManifest({
    compilerVersion: COMPILER_VERSION,
    precision,
    lowering,
    decoderCache: graphs.decoderCache,
    createdAt: Date.now(),
    source: await hashSources(folder),
    unreadTensors: unread,
    parameters: checkpoint.parameters(),
    graphs: graphs.files,
    files: {
      tokenizer: TOKENIZER_FILE,
      tokenizerConfig: TOKENIZER_CONFIG_FILE,
      preprocessorConfig: PREPROCESSOR_FILE,
    },
    imageSize,
    imageTokens: graphs.imageTokens,
    hiddenSize: text.hiddenSize,
    decoderLayers: text.decoder.layers,
    decoderHeads: text.decoder.heads,
    vocabularySize: graphs.vocabularySize,
    encoderPositions: text.maxPositions,
    decoderPositions: text.maxPositions,
    tokens: text.tokens,
  })
  await writeFile(join(target, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`)
  return manifest
}

function openCheckpoint(folder: CheckpointFolder): Checkpoint {
  const files = openWeights(folder)
  const layout = detectLayout(files.flatMap((file) => [...file.tensors.keys()]))
  if (layout === null) {
    for (const file of files) file.close()
    throw new FlocapError(
      'invalid_model',
      "The weights have neither Microsoft's nor transformers' names of a Florence-2 model: " +
        'there is no vision_tower.convs.0.proj.weight and no vision_tower.convs.0.conv.weight.',
      { subject: folder.weightFiles.join(', ') },
    )
  }
  return createCheckpoint(files, (stored) => canonicalName(layout, stored))
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
      checkGraph(built[name])
      writeFileSync(join(target, files[name]), renderModel(built[name]))
    }
    return { ...built, files }
  } finally {
    external.close()
  }
}

function parseImageSize(json: unknown): number {
  const parsed = imageSizeSchema.safeParse(json)
  if (!parsed.success || parsed.data.size.height !== parsed.data.size.width) {
    throw new FlocapError(
      'invalid_model',
      'preprocessor_config.json: size must be a square {"height": n, "width": n}.',
      { subject: PREPROCESSOR_FILE },
    )
  }
  return parsed.data.size.height
}

async function hashSources(folder: CheckpointFolder): Promise<SourceFile[]> {
  const files: SourceFile[] = []
  for (const file of await statSources(folder)) {
    files.push({ ...file, sha256: await hashFile(join(folder.path, file.name)) })
  }
  return files
}

/** Another process may have published the same model meanwhile; then theirs stays. */
async function publish(temporary: string, destination: string): Promise<void> {
  const old = `${temporary}.old`
  try {
    await rename(destination, old)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  try {
    await rename(temporary, destination)
  } finally {
    await rm(old, { recursive: true, force: true })
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
