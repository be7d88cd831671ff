// The engine of a checkpoint: in which form it is compiled, where that lies, and with what means it runs.
import type { Logger } from '../base/log.ts'
import { PIXELS_PER_MEGAPIXEL } from '../base/picture-limits.ts'
import { formFor, nameForm } from '../compiler/precision.ts'
import { findFingerprint } from '../compiler/reuse.ts'
import { AUTO_DEVICE, type Settings } from '../config/settings.ts'
import { EnginePool, type SupervisedEngine } from '../engine/pool.ts'
import { Engine, type EngineOptions } from '../engine/supervisor.ts'
import { adapterSuffix, compiledFolderOf, prepareCompiledFolder } from '../store/compiled.ts'
import type { ModelStore } from '../store/store.ts'
import { availableCores } from './available-cores.ts'
import type { CheckpointChoice, CheckpointSource } from './choose-checkpoint.ts'
import { BYTES_PER_MB, MS_PER_SECOND } from './units.ts'

/** Six pictures of Florence-2-large: those in flight, of which a chain of tasks asks twice. */
const FEW_ENCODED_BYTES = 16 * 1024 * 1024

/** What is compiled for these settings, and under which name. */
function chooseForm(settings: Pick<Settings, 'device' | 'precision'>, adapter: string | undefined) {
  const device = settings.device === AUTO_DEVICE ? 'cpu' : settings.device
  const form = formFor(device, settings.precision)
  const variant = `${nameForm(form)}${adapter === undefined ? '' : adapterSuffix(adapter)}`
  return { device, form, variant }
}

/** Of the model as it is on disk now; undefined where it has to be fetched or compiled first. */
export async function findChosenFingerprint(
  store: ModelStore,
  { model, adapter }: CheckpointChoice,
  settings: Settings,
): Promise<string | undefined> {
  if (model.kind !== 'here' || (adapter !== undefined && adapter.kind !== 'here')) return undefined
  const { form, variant } = chooseForm(settings, adapter?.adapter.folder)
  const compiled = compiledFolderOf(store, model.source, variant)
  return findFingerprint(model.source.folder, compiled, {
    ...form,
    ...(adapter === undefined ? {} : { adapter: adapter.adapter.folder }),
  })
}

/** @throws FlocapError when the checkpoint cannot be compiled or its folder not written. */
export async function startEngine(
  store: ModelStore,
  { model, adapter, id }: CheckpointSource & Pick<CheckpointChoice, 'id'>,
  settings: Settings,
  logger: Logger,
  {
    asksOnce,
    ...how
  }: Pick<EngineOptions, 'keepTrying' | 'isEmbedded' | 'onLoading'> & {
    readonly asksOnce: boolean
  },
): Promise<SupervisedEngine> {
  const { engines } = settings
  const { device, form, variant } = chooseForm(settings, adapter)
  const options: EngineOptions = {
    load: {
      modelId: id,
      demo: model.demo,
      source: model.folder,
      knownHashes: model.knownHashes,
      compiled: await prepareCompiledFolder(store, model, variant),
      ...(adapter === undefined ? {} : { adapter }),
      form,
      device,
      threads: settings.threads === 0 ? threadsOfEach(engines) : settings.threads,
      maxPixels: settings.maxMegapixels * PIXELS_PER_MEGAPIXEL,
      ...(asksOnce ? { encodedBytes: FEW_ENCODED_BYTES } : {}),
    },
    log: logger,
    silenceMs: settings.engineTimeout * MS_PER_SECOND,
    maxResidentBytes: settings.engineMemoryMb * BYTES_PER_MB,
    idleMs: settings.idleUnload * MS_PER_SECOND,
    ...how,
  }
  const start = (): Engine => new Engine(options)
  return engines === 1 ? start() : new EnginePool(engines, start, logger)
}

/** A thread more than there are cores halves the speed. */
function threadsOfEach(engines: number): number {
  return Math.max(1, Math.floor(availableCores() / engines))
}
