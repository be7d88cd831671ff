// Model and adapter together: what a start captions with, and what has to be fetched for it.
import { AUTO_MODEL, type Settings } from '../config/settings.ts'
import { installModel } from '../store/install.ts'
import type { ModelStore } from '../store/store.ts'
import { type AdapterChoice, chooseAdapter, fetchAdapter, nameWithAdapter } from './adapter.ts'
import { chooseBase, type Confirm } from './adapter-base.ts'
import type { InstallEvent } from './install-progress.ts'
import { chooseModel, type ModelChoice, type ModelSource, toSource } from './model-source.ts'

export interface CheckpointChoice {
  readonly model: ModelChoice
  readonly adapter: AdapterChoice | undefined
  /** What clients see. */
  readonly id: string
  readonly demo: boolean
  /** As of `KnownModel`; what an adapter has taught besides is not known. */
  readonly fineTuneTasks: readonly string[] | undefined
}

/** @param name of what is fetched, as the user named it */
export type OnNamedInstallEvent = (event: InstallEvent, name: string) => void

export interface ChooseOptions {
  readonly onInstall?: OnNamedInstallEvent | undefined
  readonly confirm?: Confirm | undefined
}

/**
 * Looks at the disk, except where only the adapter can say which model it belongs to: an adapter of
 * the Hub is fetched for that.
 *
 * @throws FlocapError as `chooseModel`, `chooseAdapter` and `chooseBase`
 */
export async function chooseCheckpoint(
  store: ModelStore,
  settings: Pick<Settings, 'model' | 'adapter'>,
  { onInstall, confirm }: ChooseOptions = {},
): Promise<CheckpointChoice> {
  const named = await chooseAdapter(store, settings.adapter)
  if (named === undefined || settings.model !== AUTO_MODEL) {
    return together(await chooseModel(store, settings.model), named)
  }
  const { text, id } = named
  const adapter = await fetchAdapter(store, named, {
    onEvent: (event) => onInstall?.(event, text),
  })
  const base = await chooseBase(store, adapter, text, confirm)
  return together(await chooseModel(store, base), { kind: 'here', text, id, adapter })
}

function together(model: ModelChoice, adapter: AdapterChoice | undefined): CheckpointChoice {
  const isHere = model.kind === 'here'
  return {
    model,
    adapter,
    id: nameWithAdapter(isHere ? model.source.id : model.id, adapter),
    demo: isHere && model.source.demo,
    fineTuneTasks: adapter === undefined ? tasksOf(model) : undefined,
  }
}

function tasksOf(model: ModelChoice): readonly string[] | undefined {
  return model.kind === 'here' ? model.source.fineTuneTasks : model.name.known?.fineTuneTasks
}

/** What an engine loads. */
export interface CheckpointSource {
  readonly model: ModelSource
  /** Its folder. */
  readonly adapter: string | undefined
}

/** @throws FlocapError as `installModel` */
export async function fetchCheckpoint(
  store: ModelStore,
  { model, adapter }: CheckpointChoice,
  signal: AbortSignal,
  onInstall: OnNamedInstallEvent,
): Promise<CheckpointSource> {
  const source =
    model.kind === 'here'
      ? model.source
      : toSource(
          await installModel(store, model.name, {
            signal,
            kind: 'model',
            onEvent: (event) => onInstall(event, model.text),
          }),
        )
  if (adapter === undefined) return { model: source, adapter }
  const { folder } = await fetchAdapter(store, adapter, {
    signal,
    onEvent: (event) => onInstall(event, adapter.text),
  })
  return { model: source, adapter: folder }
}
