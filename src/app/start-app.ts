// Wiring: settings in, a running server out. What it stands on is made here and in start-model.ts.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toFlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { createMetrics } from '../base/metrics.ts'
import { PACKAGE_VERSION } from '../base/version.ts'
import type { ModelDescription } from '../caption/ports.ts'
import { AUTO_MODEL, type Settings } from '../config/settings.ts'
import { isFinal } from '../engine/keep-trying.ts'
import { openPage, type Page } from '../http/page-files.ts'
import { createHttpApp } from '../http/app.ts'
import { createLineReader } from '../http/in-process.ts'
import { serveApp, type ListeningAddress } from '../http/server.ts'
import type { Readiness, SurfaceServices } from '../http/surface.ts'
import { createMcpSurface } from '../mcp/http-surface.ts'
import { resolveAccess } from './access.ts'
import { networkAddresses, renderAccess } from './banner.ts'
import { chooseCheckpoint } from './choose-checkpoint.ts'
import { createDrawing } from './drawing.ts'
import { toHttpSettings } from './http-settings.ts'
import { createLogger } from './log.ts'
import { openMcpFolders } from './mcp-folders.ts'
import { rememberModel } from './last-model.ts'
import { createManagedModels } from './managed-models.ts'
import { nameInstalled } from './model-names.ts'
import { type AutoReason, BUNDLED_SOURCE } from './model-source.ts'
import { openBatches } from './open-batches.ts'
import { openStore } from './open-store.ts'
import { ServedModel } from './served-model.ts'
import { createServingCaptioner, measureEngine } from './serving-captioner.ts'
import { type StartOptions, startModel } from './start-model.ts'
import { MS_PER_SECOND } from './units.ts'

/** This machine only, by either family: some clients resolve localhost to ::1 first. */
const LOOPBACK_HOSTS = ['127.0.0.1', '::1']
/** Node accepts IPv4 on :: as well. */
const ALL_INTERFACES = ['::']

/** Where the build puts the web page: beside this folder in dist/. */
const PAGE_FOLDER = fileURLToPath(new URL('../web', import.meta.url))

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

export interface AppOptions extends StartOptions {
  /** What the user types in front of options of the server, for pages that name some. */
  readonly serveCommand?: string
}

/**
 * Starts the server at once; the model is fetched, if need be, and loaded meanwhile.
 *
 * @throws FlocapError when the port or a setting cannot be used or the model's name means nothing.
 */
export async function startApp(settings: Settings, options: AppOptions = {}): Promise<App> {
  const logger = createLogger({ level: settings.debug ? 'debug' : 'info', form: settings.log })
  const access = resolveAccess(settings)
  const httpSettings = toHttpSettings(settings, access)
  const store = openStore(settings, logger)
  const choice = await chooseCheckpoint(store, settings, options)
  const page = await openBuiltPage(logger)
  const folders = await openMcpFolders(settings, httpSettings)
  const metrics = createMetrics()
  const opened = await openBatches(settings, logger, metrics)
  const model = new ServedModel({
    choice,
    start: (chosen, onLoading) =>
      startModel(store, chosen, settings, logger, {
        ...options,
        keepTrying: true,
        onLoading(progress) {
          onLoading?.(progress)
          options.onLoading?.(progress)
        },
      }),
    background: settings.background,
    loadWaitMs: settings.loadWait * MS_PER_SECOND,
    logger,
  })
  measureEngine(metrics, model)
  const drawing = createDrawing(model, settings)
  const { captioner, isFull, load, look, refusal } = createServingCaptioner(
    model.captioner,
    model,
    settings,
    metrics,
    logger,
  )
  const models = createManagedModels({
    store,
    served: model,
    hasAdapter: choice.adapter !== undefined,
    // With a queue their lines are answered by workers, which this server's model does not concern.
    openBatches: () => (settings.queue === '' ? (opened?.batches.summary().open ?? 0) : 0),
    logger,
  })
  let isEnding = false
  const services: SurfaceServices = {
    captioner,
    logger,
    metrics,
    settings: httpSettings,
    readiness: () => readinessOf(model, isFull()),
    isEnding: () => isEnding,
    models,
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
  const server = serveApp(httpApp, services, () => {
    isEnding = true
  })
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
        await models.close()
        await opened?.close()
        await model.close()
      },
    }
  } catch (error) {
    await model.close()
    throw error
  }
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

function readinessOf({ readiness }: ServedModel, isFull: boolean): Readiness {
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
