// Wiring: settings in, a model or a captioner without a server out.
import type { Logger } from '../base/log.ts'
import type { TasksCaptioner } from '../caption/captioner.ts'
import { createModelCaptioner } from '../caption/model-captioner.ts'
import type { Settings } from '../config/settings.ts'
import { isFinal, pauseAfter } from '../engine/keep-trying.ts'
import type { EngineOptions } from '../engine/supervisor.ts'
import type { ModelStore } from '../store/store.ts'
import type { Confirm } from './adapter-base.ts'
import {
  type CheckpointChoice,
  chooseCheckpoint,
  fetchCheckpoint,
  type OnNamedInstallEvent,
} from './choose-checkpoint.ts'
import { LateModel } from './late-model.ts'
import { createLogger } from './log.ts'
import { openStore, toHomeError } from './open-store.ts'
import { findChosenFingerprint, startEngine } from './start-engine.ts'
import { MS_PER_SECOND } from './units.ts'

/** A captioner over an engine process of its own. */
export interface LocalCaptioner {
  readonly captioner: TasksCaptioner
  /** The model below it, for questions that are no captions. */
  readonly engine: LateModel
  close(): Promise<void>
}

export interface StartOptions {
  /** Told how the download of the model or adapter goes, if there is one. */
  readonly onInstall?: OnNamedInstallEvent
  /** Told how the model is compiled and loaded, at every start of an engine process. */
  readonly onLoading?: EngineOptions['onLoading']
  /** Asks whether to download the model that an adapter was trained on; without it that is refused. */
  readonly confirm?: Confirm
  /** Default: a log of warnings on standard error, with --debug of everything. */
  readonly logger?: Logger
  /** Within a program of others: no listener is installed on its process. */
  readonly isEmbedded?: boolean
  /** Pictures come once each, as in a run over a folder: few are remembered for another question. */
  readonly asksOnce?: boolean
  /** Ends the start of a model; it then fails with `cancelled`. */
  readonly signal?: AbortSignal
}

/** A model without a server, ready to caption. @throws FlocapError when it cannot be had. */
export async function startLocalCaptioner(
  settings: Settings,
  options: StartOptions = {},
): Promise<LocalCaptioner> {
  return (await chooseLocalCaptioner(settings, options)).start()
}

/** A model that is fetched, if need be, and loaded while its user goes on. */
export async function startLateModel(settings: Settings, logger: Logger): Promise<LateModel> {
  const store = openStore(settings, logger)
  const choice = await chooseCheckpoint(store, settings, {})
  return startModel(store, choice, settings, logger, { keepTrying: true })
}

/** A model that was chosen and is started only when it is needed. */
export interface ChosenCaptioner {
  /** For people: model, arithmetic and device. */
  readonly modelId: string
  /** Of the model as it is on disk now; undefined where it has to be fetched or compiled first. */
  fingerprint(): Promise<string | undefined>
  start(): Promise<LocalCaptioner>
}

/** @throws FlocapError when the model's name means nothing. */
export async function chooseLocalCaptioner(
  settings: Settings,
  options: StartOptions = {},
): Promise<ChosenCaptioner> {
  const { logger = createLogger({ level: settings.debug ? 'debug' : 'warn' }) } = options
  const store = openStore(settings, logger)
  const choice = await chooseCheckpoint(store, settings, options)
  return {
    modelId: [choice.id, settings.precision, settings.device, settings.background].join(' '),
    fingerprint: async () => findChosenFingerprint(store, choice, settings),
    start: async () => {
      const model = startModel(store, choice, settings, logger, { ...options, keepTrying: false })
      const { fineTuneTasks } = choice
      return startChosen(model, { ...settings, fineTuneTasks, signal: options.signal })
    },
  }
}

type KnownTasks = Pick<CheckpointChoice, 'fineTuneTasks'>

async function startChosen(
  model: LateModel,
  {
    background,
    fineTuneTasks,
    signal,
  }: Pick<Settings, 'background'> & KnownTasks & { readonly signal: AbortSignal | undefined },
): Promise<LocalCaptioner> {
  const cancel = (): void => void model.close()
  signal?.addEventListener('abort', cancel, { once: true })
  try {
    await model.ready()
    return {
      captioner: createModelCaptioner(model, { background, fineTuneTasks }),
      engine: model,
      close: async () => model.close(),
    }
  } catch (error) {
    await model.close()
    throw error
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
}

export function startModel(
  store: ModelStore,
  choice: CheckpointChoice,
  settings: Settings,
  logger: Logger,
  options: StartOptions & { readonly keepTrying: boolean },
): LateModel {
  const { onInstall, onLoading, keepTrying, isEmbedded = false, asksOnce = false } = options
  return new LateModel({
    id: choice.id,
    demo: choice.demo,
    loadWaitMs: settings.loadWait * MS_PER_SECOND,
    async prepare(report, signal) {
      try {
        const source = await fetchCheckpoint(store, choice, signal, (event, name) => {
          report(event)
          onInstall?.(event, name)
        })
        return await startEngine(store, { ...source, id: choice.id }, settings, logger, {
          keepTrying,
          isEmbedded,
          onLoading,
          asksOnce,
        })
      } catch (error) {
        throw toHomeError(error, store.layout.root)
      }
    },
    retryAfter(error, failures) {
      if (!keepTrying || isFinal(error)) return undefined
      const retryInMs = pauseAfter(failures)
      logger.error({ error, retryInMs }, 'the model cannot be had')
      return retryInMs
    },
  })
}
