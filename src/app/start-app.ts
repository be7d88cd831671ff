// Wiring: settings in, a running server or a captioner out. Every part is made here and nowhere else.
import { join } from 'node:path'
import type { Logger } from '../base/log.ts'
import type { TasksCaptioner } from '../caption/captioner.ts'
import { withCache } from '../caption/cache.ts'
import { createCaptioner } from '../caption/create-captioner.ts'
import type { ModelDescription } from '../caption/ports.ts'
import { withSharedRuns } from '../caption/share-runs.ts'
import type { Settings } from '../config/settings.ts'
import { Engine } from '../engine/supervisor.ts'
import { createHttpServer } from '../http/server.ts'
import { DEFAULT_HTTP_SETTINGS } from '../http/settings.ts'
import type { Readiness } from '../http/surface.ts'
import { availableCores } from './available-cores.ts'
import { createLogger } from './log.ts'
import { PACKAGE_VERSION } from '../base/version.ts'
import { findModelSource } from './model-source.ts'

/** This machine only, by either family: some clients resolve localhost to ::1 first. */
const LOOPBACK_HOSTS = ['127.0.0.1', '::1']
/** Node accepts IPv4 on :: as well. */
const ALL_INTERFACES = ['::']

const BYTES_PER_MB = 1024 * 1024

/** A captioner over an engine process of its own. */
export interface LocalCaptioner {
  readonly captioner: TasksCaptioner
  readonly engine: Engine
  close(): Promise<void>
}

export interface App {
  readonly model: ModelDescription
  /** Where clients reach the server. */
  readonly urls: readonly string[]
  /** Resolves when captions can be made. @throws FlocapError when the model cannot be loaded. */
  ready(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts the server at once; the model is loaded meanwhile.

 * @throws FlocapError when the port cannot be used.
 */
export async function startApp(settings: Settings): Promise<App> {
  const logger = createLogger({ level: settings.debug ? 'debug' : 'info' })
  const local = startCaptioner(settings, logger)
  const { captioner, engine } = local
  const server = createHttpServer({
    captioner,
    logger,
    settings: { ...DEFAULT_HTTP_SETTINGS, privateNetwork: settings.listen },
    readiness: () => readinessOf(engine),
    version: PACKAGE_VERSION,
    drawPng: async (picture, svg) => engine.draw(picture, svg),
  })
  try {
    const hosts = settings.listen ? ALL_INTERFACES : LOOPBACK_HOSTS
    const addresses = await server.listen(hosts, settings.port)
    return {
      model: captioner.model,
      urls: addresses.map(({ host, port }) => urlOf(host, port)),
      ready: async () => engine.ready(),
      async close() {
        await server.close()
        await local.close()
      },
    }
  } catch (error) {
    await local.close()
    throw error
  }
}

/** An engine without a server, ready to caption. @throws FlocapError when the model cannot be loaded. */
export async function startLocalCaptioner(settings: Settings): Promise<LocalCaptioner> {
  const local = startCaptioner(settings, createLogger({ level: settings.debug ? 'debug' : 'warn' }))
  try {
    await local.engine.ready()
    return local
  } catch (error) {
    await local.close()
    throw error
  }
}

function startCaptioner(settings: Settings, logger: Logger): LocalCaptioner {
  const source = findModelSource(settings.model, join(settings.home, 'compiled'))
  const engine = new Engine({
    load: {
      modelId: source.id,
      demo: source.demo,
      source: source.folder,
      compiled: `${source.compiled}-${settings.precision}`,
      precision: settings.precision,
      threads: settings.threads === 0 ? availableCores() : settings.threads,
    },
    log: logger,
  })
  const captioner = withCache(withSharedRuns(createCaptioner(engine)), {
    maxBytes: settings.answerCacheMb * BYTES_PER_MB,
  })
  return { captioner, engine, close: async () => engine.close() }
}

function readinessOf(engine: Engine): Readiness {
  const { state } = engine
  if (state.kind === 'ready') return { ready: true }
  return { ready: false, reason: state.kind === 'failed' ? state.error.message : state.kind }
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
