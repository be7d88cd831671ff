// The HTTP layer over a fake captioner, in memory or on a loopback socket.
import type { Logger } from '../../src/base/log.ts'
import { silentLogger } from '../../src/base/log.ts'
import type { TasksCaptioner } from '../../src/caption/captioner.ts'
import type { HttpApp } from '../../src/http/app.ts'
import { createHttpApp } from '../../src/http/app.ts'
import type { HttpServer } from '../../src/http/server.ts'
import { createHttpServer } from '../../src/http/server.ts'
import type { HttpSettings } from '../../src/http/settings.ts'
import { DEFAULT_HTTP_SETTINGS } from '../../src/http/settings.ts'
import type { Readiness, SurfaceServices } from '../../src/http/surface.ts'
import { createMcpSurface, type McpSurfaceOptions } from '../../src/mcp/http-surface.ts'
import { openPictureFolders } from '../../src/mcp/pictures/picture-folders.ts'
import { createFakeCaptioner } from './fake-captioner.ts'

/** As without --mcp-root. */
const NO_FOLDERS = await openPictureFolders([], { maxBytes: 1, isPicture: () => true })

export interface TestHttpOptions {
  readonly captioner?: TasksCaptioner
  readonly settings?: Partial<HttpSettings>
  readonly readiness?: () => Readiness
  readonly load?: NonNullable<SurfaceServices['load']>
  readonly logger?: Logger
  readonly metrics?: NonNullable<SurfaceServices['metrics']>
  readonly page?: NonNullable<SurfaceServices['page']>
  readonly whenLoaded?: NonNullable<SurfaceServices['whenLoaded']>
  readonly refusal?: NonNullable<SurfaceServices['refusal']>
  readonly serveCommand?: string
  readonly drawing?: NonNullable<SurfaceServices['drawing']>
  readonly look?: NonNullable<SurfaceServices['look']>
  readonly mcp?: McpSurfaceOptions
  readonly batches?: NonNullable<SurfaceServices['batches']>
  readonly models?: NonNullable<SurfaceServices['models']>
  readonly isEnding?: NonNullable<SurfaceServices['isEnding']>
}

export function servicesFor(options: TestHttpOptions = {}): SurfaceServices {
  const { captioner = createFakeCaptioner(), logger = silentLogger } = options
  return {
    captioner,
    logger,
    settings: { ...DEFAULT_HTTP_SETTINGS, ...options.settings },
    moreSurfaces: (services) => [
      createMcpSurface(services, options.mcp ?? { folders: NO_FOLDERS }),
    ],
    readiness: options.readiness ?? (() => ({ ready: true })),
    ...(options.load === undefined ? {} : { load: options.load }),
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
    ...(options.page === undefined ? {} : { page: options.page }),
    ...(options.whenLoaded === undefined ? {} : { whenLoaded: options.whenLoaded }),
    ...(options.serveCommand === undefined ? {} : { serveCommand: options.serveCommand }),
    ...(options.refusal === undefined ? {} : { refusal: options.refusal }),
    ...(options.drawing === undefined ? {} : { drawing: options.drawing }),
    ...(options.look === undefined ? {} : { look: options.look }),
    ...(options.batches === undefined ? {} : { batches: options.batches }),
    ...(options.models === undefined ? {} : { models: options.models }),
    ...(options.isEnding === undefined ? {} : { isEnding: options.isEnding }),
  }
}

export function createTestApp(options: TestHttpOptions = {}): HttpApp {
  return createHttpApp(servicesFor(options))
}

export interface RunningServer extends HttpServer {
  readonly port: number
  readonly url: string
}

export async function startTestServer(options: TestHttpOptions = {}): Promise<RunningServer> {
  const server = createHttpServer(servicesFor(options))
  const [address] = await server.listen(['127.0.0.1'], 0)
  const port = address?.port ?? 0
  return { ...server, port, url: `http://127.0.0.1:${port}` }
}

/** A POST with a JSON body. */
export function post(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }
}
