// Signs of life: for process managers (live, ready), for Ollama clients that look at `/`, and for
// people who open the address in a browser.
import type { Metrics } from '../../../base/metrics.ts'
import { jsonResponse } from '../../body/json.ts'
import type { Route, Surface, SurfaceServices } from '../../surface.ts'
import { renderError } from '../openai/errors.ts'
import { ErrorResponse } from '../openai/schema.ts'
import { HealthResponse, ReadyResponse, type UnavailableResponse } from './schema.ts'

/** Ollama clients compare `/` with this text before they go on. */
const OLLAMA_GREETING = 'Ollama is running'

/** A model is loaded, an engine restarted and a queue shortened in about this time. */
const RETRY_AFTER_SECONDS = '5'

const ENDING = {
  ready: false,
  status: 'ending',
  reason: 'The server is about to end.',
} as const

const PATHS = ['/', '/health', '/ready', '/readyz', '/livez', '/metrics']

export function createHealthSurface(services: SurfaceServices): Surface {
  const { captioner, isEnding = () => false, metrics, readiness } = services

  const live = () =>
    jsonResponse({
      status: 'ok',
      model: captioner.model.id,
      demo: captioner.model.demo,
    } satisfies HealthResponse)

  /** As llama.cpp's server, whose clients wait while it says 503; a process manager asks /livez. */
  const health = () => {
    const state = readiness()
    const status = state.ready ? 'ready' : (state.status ?? 'loading')
    if (status !== 'loading' && status !== 'failed') return live()
    const message = status === 'failed' ? 'The model cannot be loaded' : 'Loading model'
    const error = { code: 503 as const, message, type: 'unavailable_error' }
    return promiseMore(jsonResponse({ error } satisfies UnavailableResponse, 503), status)
  }

  const ready = () => {
    const state = isEnding() ? ENDING : readiness()
    const load = renderLoad(services)
    if (state.ready) return jsonResponse({ status: 'ready', ...load } satisfies ReadyResponse)
    const body: ReadyResponse = {
      status: state.status ?? 'loading',
      reason: state.reason,
      ...load,
    }
    return promiseMore(jsonResponse(body, 503), body.status)
  }

  return {
    name: 'health',
    description: 'Signs of life for process managers and for clients that probe an address.',
    owns: (path) => PATHS.includes(path),
    renderError,
    errorBody: ErrorResponse,
    routes: [
      {
        method: 'GET',
        path: '/',
        summary: "Greets: a page for browsers, Ollama's greeting for programs",
        open: true,
        handle: async (context) => {
          // Programs accept anything; only browsers ask for HTML by name.
          const wantsPage = (context.req.header('accept') ?? '').includes('text/html')
          const page = wantsPage
            ? await services.page?.('/', context.req.header('accept-encoding'))
            : undefined
          if (page !== undefined) return page
          return wantsPage ? welcomePage() : new Response(OLLAMA_GREETING)
        },
      },
      {
        method: 'GET',
        path: '/health',
        summary: "llama.cpp's: 503 while the model loads",
        open: true,
        handle: health,
        wire: { response: HealthResponse },
      },
      {
        method: 'GET',
        path: '/livez',
        summary: 'The process is alive',
        open: true,
        handle: live,
        wire: { response: HealthResponse },
      },
      {
        method: 'GET',
        path: '/ready',
        summary: 'The model can caption now; 503 while it loads',
        open: true,
        handle: ready,
        wire: { response: ReadyResponse },
      },
      {
        method: 'GET',
        path: '/readyz',
        summary: 'The model can caption now, for clients of LocalAI',
        open: true,
        handle: ready,
        wire: { response: ReadyResponse },
      },
      ...(metrics === undefined ? [] : [metricsRoute(metrics)]),
    ],
  }
}

/** What has failed stays so until somebody acts. */
function promiseMore(response: Response, status: ReadyResponse['status']): Response {
  if (status !== 'failed') response.headers.set('retry-after', RETRY_AFTER_SECONDS)
  return response
}

/** Numbers that a balancer, which has no key, can weigh servers by; what a server is busy with is no part of them. */
function renderLoad({ load: measure }: SurfaceServices): Partial<ReadyResponse> {
  const load = measure?.()
  if (load === undefined) return {}
  return {
    places: load.places,
    places_free: load.freePlaces,
    waiting: load.waiting,
    wait_seconds: Math.round(load.waitMs / 100) / 10,
  }
}

/** Behind the key: how busy a server is, and with what, is not for everybody. */
function metricsRoute(metrics: Metrics): Route {
  return {
    method: 'GET',
    path: '/metrics',
    summary: 'Counters and timings in the text format of Prometheus',
    handle: () =>
      new Response(metrics.render(), {
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      }),
  }
}

/** For a build without the web page: where to go from here. */
function welcomePage(): Response {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>FloCap</title>
<p>FloCap is running, but its web page was not built: <code>npm run build</code> makes it.
<p>Point a captioning client at this address, or read <a href="/docs">its API</a>.
</html>
`
  return new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } })
}
