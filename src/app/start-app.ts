// Wiring: settings in, a running server or a captioner out. Every part is made here and nowhere else.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toFlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { PIXELS_PER_MEGAPIXEL } from '../base/picture-limits.ts'
import { createMetrics } from '../base/metrics.ts'
import { PACKAGE_VERSION } from '../base/version.ts'
import type { TasksCaptioner } from '../caption/captioner.ts'
import { createModelCaptioner } from '../caption/model-captioner.ts'
import type { ModelDescription } from '../caption/ports.ts'
import { findFingerprint } from '../compiler/reuse.ts'
import { formFor, nameForm } from '../compiler/precision.ts'
import { AUTO_DEVICE, AUTO_MODEL, type Settings } from '../config/settings.ts'
import { isFinal, pauseAfter } from '../engine/keep-trying.ts'
import { EnginePool, type SupervisedEngine } from '../engine/pool.ts'
import { Engine, type EngineOptions } from '../engine/supervisor.ts'
import { openPage, type Page } from '../http/page-files.ts'
import { createHttpApp } from '../http/app.ts'
import { createLineReader } from '../http/in-process.ts'
import { serveApp, type ListeningAddress } from '../http/server.ts'
import type { Readiness, SurfaceServices } from '../http/surface.ts'
import { createMcpSurface } from '../mcp/http-surface.ts'
import { adapterSuffix, compiledFolderOf, prepareCompiledFolder } from '../store/compiled.ts'
import type { ModelStore } from '../store/store.ts'
import { resolveAccess } from './access.ts'
import type { Confirm } from './adapter-base.ts'
import { availableCores } from './available-cores.ts'
import { networkAddresses, renderAccess } from './banner.ts'
import {
  type CheckpointChoice,
  type CheckpointSource,
  chooseCheckpoint,
  fetchCheckpoint,
  type OnNamedInstallEvent,
} from './choose-checkpoint.ts'
import { createDrawing } from './drawing.ts'
import { toHttpSettings } from './http-settings.ts'
import { LateModel } from './late-model.ts'
import { createLogger } from './log.ts'
import { openMcpFolders } from './mcp-folders.ts'
import { rememberModel } from './last-model.ts'
import { nameInstalled } from './model-names.ts'
import { type AutoReason, BUNDLED_SOURCE } from './model-source.ts'
import { openBatches } from './open-batches.ts'
import { openStore, toHomeError } from './open-store.ts'
import { createServingCaptioner, measureEngine } from './serving-captioner.ts'
import { BYTES_PER_MB, MS_PER_SECOND } from './units.ts'

/** This machine only, by either family: some clients resolve localhost to ::1 first. */
const LOOPBACK_HOSTS = ['127.0.0.1', '::1']
/** Node accepts IPv4 on :: as well. */
const ALL_INTERFACES = ['::']

/** Where the build puts the web page: beside this folder in dist/. */
const PAGE_FOLDER = fileURLToPath(new URL('../web', import.meta.url))

/** A captioner over an engine process of its own. */
export interface LocalCaptioner {
  readonly captioner: TasksCaptioner
  /** The model below it, for questions that are no captions. */
  readonly engine: LateModel
  close(): Promise<void>
}

export interface App {
  readonly model: ModelDescription
  /** Why this model, when none was named. */
  readonly reason: AutoReason | undefined
  /** Models on this machine by the names that `--model` takes. */
  readonly installed: readonly string[]
  /** Where clients reach the server. */
  readonly urls: readonly string[]
  /** What other machines need, in lines for people. */
  readonly accessLines: readonly string[]
  /** Resolves when captions can be made. @throws FlocapError when the model cannot be had. */
  ready(): Promise<void>
  /** As `ready`, but waits through failures that are followed by another attempt. */
  eventuallyReady(): Promise<void>
  /** Whether another attempt follows a failure of `ready`. */
  keepsTrying(error: unknown): boolean
  close(): Promise<void>
}

/** Six pictures of Florence-2-large: those in flight, of which a chain of tasks asks twice. */
const FEW_ENCODED_BYTES = 16 * 1024 * 1024

export interface StartOptions {
  /** Told how the download of the model or adapter goes, if there is one. */
  readonly onInstall?: OnNamedInstallEvent
  /** Told how the model is compiled and loaded, at every start of an engine process. */
  readonly onLoading?: EngineOptions['onLoading']
  /** Asks whether to download the model that an adapter was trained on; without it that is refused. */
  readonly confirm?: Confirm
  /** Default: a log of warnings on standard error, with --debug of everything. */
  readonly logger?: Logger
  /** What the user types in front of options of the server, for pages that name some. */
  readonly serveCommand?: string
  /** Within a program of others: no listener is installed on its process. */
  readonly isEmbedded?: boolean
  /** Pictures come once each, as in a run over a folder: few are remembered for another question. */
  readonly asksOnce?: boolean
  /** Ends the start of a model; it then fails with `cancelled`. */
  readonly signal?: AbortSignal
}

/**
 * Starts the server at once; the model is fetched, if need be, and loaded meanwhile.
 *
 * @throws FlocapError when the port or a setting cannot be used or the model's name means nothing.
 */
export async function startApp(settings: Settings, options: StartOptions = {}): Promise<App> {
  const logger = createLogger({ level: settings.debug ? 'debug' : 'info', form: settings.log })
  const access = resolveAccess(settings)
  const httpSettings = toHttpSettings(settings, access)
  const store = openStore(settings, logger)
  const choice = await chooseCheckpoint(store, settings, options)
  const page = await openBuiltPage(logger)
  const folders = await openMcpFolders(settings, httpSettings)
  const metrics = createMetrics()
  const opened = await openBatches(settings, logger, metrics)
  const model = startModel(store, choice, settings, logger, { ...options, keepTrying: true })
  measureEngine(metrics, model)
  const drawing = createDrawing(model, settings)
  const { captioner, isFull, load, look, refusal } = createServingCaptioner(
    model,
    { ...settings, fineTuneTasks: choice.fineTuneTasks },
    metrics,
    logger,
  )
  const services: SurfaceServices = {
    captioner,
    logger,
    metrics,
    settings: httpSettings,
    readiness: () => readinessOf(model, isFull()),
    whenLoaded: async (signal) => model.described({ signal }),
    load,
    moreSurfaces: (given) => [createMcpSurface(given, { folders })],
    refusal,
    version: PACKAGE_VERSION,
    ...(options.serveCommand === undefined ? {} : { serveCommand: options.serveCommand }),
    drawing,
    look,
    ...(page === undefined ? {} : { page }),
    ...(opened === undefined ? {} : { batches: opened.batches }),
  }
  const httpApp = createHttpApp(services)
  const server = serveApp(httpApp, services)
  const remember = async (): Promise<void> => {
    if (settings.model === AUTO_MODEL) return
    await rememberModel(settings.home, settings.model).catch((err: unknown) => {
      logger.warn({ err }, 'the chosen model could not be remembered for the next start')
    })
  }
  try {
    const hosts = settings.listen ? ALL_INTERFACES : LOOPBACK_HOSTS
    const addresses = await server.listen(hosts, settings.port)
    await opened?.batches.start(createLineReader(httpApp))
    return {
      model: captioner.model,
      reason: choice.model.kind === 'here' ? choice.model.reason : undefined,
      installed: await nameInstalled(store),
      urls: urls(addresses),
      accessLines: renderAccess(access, settings.listen ? urls(addresses, networkAddresses()) : []),
      async ready() {
        await model.ready()
        await remember()
      },
      keepsTrying: (error) => !isFinal(toFlocapError(error)),
      async eventuallyReady() {
        await model.eventuallyReady()
        await remember()
      },
      async close() {
        await server.close()
        await opened?.close()
        await model.close()
      },
    }
  } catch (error) {
    await model.close()
    throw error
  }
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

function startModel(
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

/** What is compiled for these settings, and under which name. */
function chooseForm(settings: Pick<Settings, 'device' | 'precision'>, adapter: string | undefined) {
  const device = settings.device === AUTO_DEVICE ? 'cpu' : settings.device
  const form = formFor(device, settings.precision)
  const variant = `${nameForm(form)}${adapter === undefined ? '' : adapterSuffix(adapter)}`
  return { device, form, variant }
}

async function findChosenFingerprint(
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

async function startEngine(
  store: ModelStore,
  { model, adapter, id }: CheckpointSource & Pick<CheckpointChoice, 'id'>,
  settings: Settings,
  logger: Logger,
  {
    asksOnce,
    ...how
  }: Pick<EngineOptions, 'keepTrying' | 'isEmbedded' | 'onLoading'> &
    Required<Pick<StartOptions, 'asksOnce'>>,
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

async function openBuiltPage(logger: Logger): Promise<Page | undefined> {
  const page = await openPage({
    built: PAGE_FOLDER,
    samples: join(BUNDLED_SOURCE.folder, 'samples'),
  })
  if (page === undefined) {
    logger.warn({ folder: PAGE_FOLDER }, 'the web page was not built: npm run build makes it')
  }
  return page
}

function readinessOf({ readiness }: LateModel, isFull: boolean): Readiness {
  if (readiness.ready && isFull) {
    return { ready: false, status: 'busy', reason: 'The queue is full.' }
  }
  return readiness
}

/** On all interfaces: this machine's loopback address, and `others` instead of it where given. */
function urls(
  addresses: readonly ListeningAddress[],
  others: readonly string[] = ['127.0.0.1'],
): readonly string[] {
  return addresses.flatMap(({ host, port }) =>
    ALL_INTERFACES.includes(host) ? others.map((other) => urlOf(other, port)) : [urlOf(host, port)],
  )
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
