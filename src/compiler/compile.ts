// From a checkpoint folder to a compiled folder that the runtime can load.
//
// A compiled folder is made under a temporary name and renamed when it is complete, so a half-made
// one is never seen. It is used again as long as the checkpoint's files and the compiler are the same.
import { readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from '../base/make-folder.ts'
import { syncFiles, syncFolder } from '../base/durable-files.ts'
import type { Logger } from '../base/log.ts'
import { toDiskError } from '../base/system-errors.ts'
import { fingerprintOf } from '../compiled/fingerprint.ts'
import {
  type Manifest,
  readManifest,
  type SourceFile,
  writeManifest,
} from '../compiled/manifest.ts'
import {
  type CheckpointFolder,
  findCheckpoint,
  hashFile,
  sourcePath,
  statSources,
} from './checkpoint-folder.ts'
import { formatPlan, type LinearPlan } from './florence2/fused/linear-plan.ts'
import type { Lowering } from './florence2/graphs.ts'
import { formatsOf, type Precision } from './precision.ts'
import { fitQuantisation } from './quantise/fit.ts'
import type { Laboratory } from './quantise/laboratory.ts'
import { COMPILER_VERSION, findReusable } from './reuse.ts'
import { assertRoomFor, estimateBytes } from './room.ts'
import { createSteps } from './steps.ts'
import { createWorkspace, removeLeftovers, removeWorkspace } from './workspace.ts'
import { writeModel } from './write-model.ts'

/** The first finds an outdated folder, the second publishes; others may come between. */
const MAX_ATTEMPTS = 5

export interface CompileOptions {
  readonly log: Logger
  /** Default `fp32`. */
  readonly precision?: Precision
  /** `plain` runs on every device, and tests compare the fused graphs with it. Default `fused`. */
  readonly lowering?: Lowering['kind']
  /** SHA-256 of files of the checkpoint that are known already, by name: those are not read again. */
  readonly knownHashes?: Readonly<Record<string, string>>
  /** Folder of a LoRA adapter to merge. */
  readonly adapter?: string
  /** Told how far it is, 0 to 1, from the moment in which it is known that it has to be done. */
  readonly onProgress?: (fraction: number) => void
  /** Runs the graphs, so that quantisation can be fitted and proven; without it, it is neither. */
  readonly laboratory?: Laboratory
}

/**
 * Makes `destination` a compiled form of the checkpoint in `source`, unless it already is one.
 *
 * @throws FlocapError `model_not_found` or `invalid_model` naming the file, field or tensor;
 *   `disk_full` naming path and need.
 */
export async function compileModel(
  source: string,
  destination: string,
  options: CompileOptions,
): Promise<Manifest> {
  const { log, precision = 'fp32', lowering = 'fused' } = options
  const folder = await findCheckpoint(source, options.adapter)
  const leftovers = await removeLeftovers(destination)
  if (leftovers.length > 0) log.info({ leftovers }, 'removed what killed compilers have left')
  const target = { precision, lowering, compilerVersion: COMPILER_VERSION }
  const reusable = await findReusable(folder, destination, target, log)
  if (reusable) {
    log.debug({ folder: destination }, 'using the compiled model')
    return reusable
  }

  const began = performance.now()
  log.info({ source, precision }, 'compiling the model')
  options.onProgress?.(0)
  const bytes = estimateBytes(folder, options)
  try {
    const manifest = await compileBeside(destination, options, { folder, bytes, target })
    options.onProgress?.(1)
    log.info({ ms: Math.round(performance.now() - began) }, 'compiled the model')
    return manifest
  } catch (error) {
    throw toDiskError(error, { what: 'Compiling the model', path: dirname(destination), bytes })
  }
}

interface Compilation {
  readonly folder: CheckpointFolder
  /** What it writes at most; undefined where that cannot be known. */
  readonly bytes: number | undefined
  readonly target: Pick<Manifest, 'compilerVersion' | 'precision' | 'lowering'>
}

async function compileBeside(
  destination: string,
  options: CompileOptions,
  { folder, bytes, target }: Compilation,
): Promise<Manifest> {
  const parent = dirname(destination)
  await makeFolder(parent)
  await assertRoomFor(parent, bytes)
  const temporary = await createWorkspace(destination)
  try {
    const manifest = await compileInto(folder, temporary, options)
    await commit(temporary)
    const findTheirs = async (): Promise<Manifest | null> =>
      findReusable(folder, destination, target, options.log)
    return (await publish(temporary, destination, findTheirs)) ?? manifest
  } finally {
    await removeWorkspace(temporary)
  }
}

async function compileInto(
  folder: CheckpointFolder,
  target: string,
  {
    log,
    precision = 'fp32',
    lowering = 'fused',
    laboratory,
    knownHashes = {},
    onProgress,
  }: CompileOptions,
): Promise<Manifest> {
  const made = {
    precision,
    compilerVersion: COMPILER_VERSION,
    source: await hashSources(folder, knownHashes),
  }
  const facts = {
    ...made,
    log,
    fingerprint: fingerprintOf({ ...made, lowering, quantisation: null }),
  }
  if (lowering === 'plain') {
    const floats = precision === 'fp16' ? 'f16' : 'f32'
    return writeModel(folder, target, { kind: 'plain', floats }, facts)
  }
  if (precision === 'fp16') throw new RangeError('fused graphs know no float16')

  const formatOf = formatsOf(precision)
  const write = async (to: string, plan: LinearPlan): Promise<void> => {
    await writeModel(folder, to, { kind: 'fused', plan }, facts)
  }
  if (precision === 'fp32' || !laboratory) {
    await write(target, formatPlan(formatOf))
    return readManifest(target)
  }
  const fitting = { write, formatOf, laboratory, log, steps: createSteps(onProgress) }
  const quantisation = await fitQuantisation(target, fitting, precision === 'auto')
  const fingerprint = fingerprintOf({ ...made, lowering, quantisation })
  const manifest = { ...(await readManifest(target)), quantisation, fingerprint }
  await writeManifest(target, manifest)
  return manifest
}

async function hashSources(
  folder: CheckpointFolder,
  known: Readonly<Record<string, string>>,
): Promise<SourceFile[]> {
  const files: SourceFile[] = []
  for (const file of await statSources(folder)) {
    const sha256 = known[file.name] ?? (await hashFile(sourcePath(folder, file.name)))
    files.push({ ...file, sha256 })
  }
  return files
}

/** Nothing is published that a power cut could still take back in parts. */
async function commit(folder: string): Promise<void> {
  await syncFiles((await readdir(folder)).map((name) => join(folder, name)))
  await syncFolder(folder)
}

/**
 * Another process may have published the same model meanwhile; then theirs stays, because they may
 * be loading it. Only what `findTheirs` calls outdated or
 * damaged makes room.
 *
 * @returns theirs, or null when `temporary` is now at `destination`.
 */
async function publish(
  temporary: string,
  destination: string,
  findTheirs: () => Promise<Manifest | null>,
): Promise<Manifest | null> {
  for (let attempts = 1; ; attempts += 1) {
    const failure = await tryRename(temporary, destination)
    if (failure === undefined) {
      await syncFolder(dirname(destination))
      return null
    }
    const theirs = await findTheirs()
    if (theirs !== null) return theirs
    if (attempts === MAX_ATTEMPTS) throw failure
    const outdated = `${temporary}.old`
    await tryRename(destination, outdated)
    await rm(outdated, { recursive: true, force: true })
  }
}

/** @returns why it failed: most often because there is something at `to`. */
async function tryRename(from: string, to: string): Promise<unknown> {
  try {
    await rename(from, to)
    return undefined
  } catch (error) {
    return error
  }
}
