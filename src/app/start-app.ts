// Wiring: settings in, a running server or a captioner out. Every part is made here and nowhere else.
import { join } from 'node:path'
import { createMetrics } from '../base/metrics.ts'
import type { Logger } from '../base/log.ts'
import type { TasksCaptioner } from '../caption/captioner.ts'
import { createCaptioner } from '../caption/create-captioner.ts'
import type { ModelDescription } from '../caption/ports.ts'
import type { Settings } from '../config/settings.ts'
import { Engine } from '../engine/supervisor.ts'
import { createHttpServer, type ListeningAddress } from '../http/server.ts'
import type { Readiness } from '../http/surface.ts'
import { resolveAccess } from './access.ts'
import { availableCores } from './available-cores.ts'
import { networkAddresses, renderAccess } from './banner.ts'
import { toHttpSettings } from './http-settings.ts'
import { createLogger } from './log.ts'
import { PACKAGE_VERSION } from '../base/version.ts'
import { findModelSource } from './model-source.ts'
import { createServingCaptioner, measureEngine } from './serving-captioner.ts'

/** This machine only, by either family: some clients resolve localhost to ::1 first. */
const LOOPBACK_HOSTS = ['127.0.0.1', '::1']
/** Node accepts IPv4 on :: as well. */
const ALL_INTERFACES = ['::']

const BYTES_PER_MB = 1024 * 1024
const MS_PER_SECOND = 1000

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
  /** What other machines need, in lines for people. */
  readonly accessLines: readonly string[]
  /** Resolves when captions can be made. @throws FlocapError when the model cannot be loaded. */
  ready(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts the server at once; the model is loaded meanwhile.
 *
 * @throws FlocapError when the port or a setting cannot be used.
 */
export async function startApp(settings: Settings): Promise<App> {
  const logger = createLogger({ level: settings.debug ? 'debug' : 'info' })
  const access = resolveAccess(settings)
  const httpSettings = toHttpSettings(settings, access)
  const metrics = createMetrics()
  const engine = startEngine(settings, logger)
  measureEngine(metrics, engine)
  const { captioner, isFull } = createServingCaptioner(engine, settings, metrics)
  const server = createHttpServer({
    captioner,
    logger,
    metrics,
    settings: httpSettings,
    readiness: () => readinessOf(engine, isFull()),
    version: PACKAGE_VERSION,
    drawPng: async (picture, svg) => engine.draw(picture, svg),
  })
  try {
    const hosts = settings.listen ? ALL_INTERFACES : LOOPBACK_HOSTS
    const addresses = await server.listen(hosts, settings.port)
    return {
      model: captioner.model,
      urls: urls(addresses),
      accessLines: renderAccess(access, settings.listen ? urls(addresses, networkAddresses()) : []),
      ready: async () => engine.ready(),
      async close() {
        await server.close()
        await engine.close()
      },
    }
  } catch (error) {
    await engine.close()
    throw error
  }
}

/** An engine without a server, ready to caption. @throws FlocapError when the model cannot be loaded. */
export async function startLocalCaptioner(settings: Settings): Promise<LocalCaptioner> {
  const engine = startEngine(settings, createLogger({ level: settings.debug ? 'debug' : 'warn' }))
  try {
    await engine.ready()
    return { captioner: createCaptioner(engine), engine, close: async () => engine.close() }
  } catch (error) {
    await engine.close()
    throw error
  }
}

function startEngine(settings: Settings, logger: Logger): Engine {
  const source = findModelSource(settings.model, join(settings.home, 'compiled'))
  return new Engine({
    load: {
      modelId: source.id,
      demo: source.demo,
      source: source.folder,
      compiled: `${source.compiled}-${settings.precision}`,
      precision: settings.precision,
      threads: settings.threads === 0 ? availableCores() : settings.threads,
    },
    log: logger,
    silenceMs: settings.engineTimeout * MS_PER_SECOND,
    maxResidentBytes: settings.engineMemoryMb * BYTES_PER_MB,
  })
}

function readinessOf({ state }: Engine, isFull: boolean): Readiness {
  switch (state.kind) {
    case 'ready':
      return isFull
        ? { ready: false, status: 'busy', reason: 'The queue is full.' }
        : { ready: true }
    case 'failed':
      return { ready: false, status: 'failed', reason: state.error.message }
    case 'restarting':
      return { ready: false, status: 'restarting', reason: 'The engine process is restarted.' }
    case 'loading':
    case 'closed':
      return { ready: false, reason: state.kind }
  }
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
