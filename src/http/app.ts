// The HTTP application: guards in front, surfaces behind, one place where errors become answers.
// It works without a socket, so tests can call it directly; server.ts gives it one.
import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { ownerOf } from '../batches/owner.ts'
import { FlocapError, toFlocapError } from '../base/errors.ts'
import { corsHeaders, preflightHeaders } from './cors.ts'
import { STATUS, errorHeaders, reasonPhrase } from './errors.ts'
import { createCallerFinder } from './guards/caller.ts'
import { createHostGuard } from './guards/host.ts'
import { createKeyGuard } from './guards/key.ts'
import { runWithLogger } from './log-captions.ts'
import { logFailure } from './log-failure.ts'
import { createRequestMeter } from './measure-requests.ts'
import { keyOfPath, shownPath, withoutPathKey } from './guards/path-key.ts'
import { createOriginGuard } from './guards/origin.ts'
import { jsonResponse, parseJson } from './body/json.ts'
import { createLongTexts } from './body/long-texts.ts'
import { normalisePath, pathOfUrl } from './path.ts'
import { createBodyBudget, readBody } from './body/read-body.ts'
import { createImageReader } from './body/read-image.ts'
import { clientOf, runForClient } from './request-client.ts'
import type { HttpContext, HttpEnv, Route, Surface, SurfaceServices } from './surface.ts'
import { createA1111Surface } from './surfaces/a1111/routes.ts'
import { createAnthropicSurface } from './surfaces/anthropic/routes.ts'
import { createBatchesSurface } from './surfaces/batches/routes.ts'
import { createDocsSurface } from './surfaces/docs/routes.ts'
import { createExtrasSurface } from './surfaces/extras/routes.ts'
import { createHealthSurface } from './surfaces/health/routes.ts'
import { createKoboldSurface } from './surfaces/kobold/routes.ts'
import { createLlamacppSurface } from './surfaces/llamacpp/routes.ts'
import { createLmstudioSurface } from './surfaces/lmstudio/routes.ts'
import { createNativeSurface } from './surfaces/native/routes.ts'
import { createOllamaSurface } from './surfaces/ollama/routes.ts'
import { createOpenaiSurface } from './surfaces/openai/routes.ts'

export type HttpApp = Hono<HttpEnv>

/** A request id from a proxy in front is kept, so that both logs can be joined. */
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/

/** All dialects before one captioner. */
export function createHttpApp(options: SurfaceServices): HttpApp {
  return createSurfaceApp(options, createSurfaces(options))
}

/** What an application needs whatever its surfaces are; a captioner is named in its answers. */
export type AppServices = Omit<SurfaceServices, 'captioner' | 'readiness'> &
  Partial<Pick<SurfaceServices, 'captioner'>>

/** @param surfaces the first that owns a path speaks for it; the last one owns all. */
export function createSurfaceApp(options: AppServices, surfaces: readonly Surface[]): HttpApp {
  const app: HttpApp = new Hono<HttpEnv>({
    getPath: (request) => normalisePath(withoutPathKey(pathOfUrl(request.url))),
  })
  useAnswerHeaders(app, options, surfaces)
  useGuards(
    app,
    options,
    surfaces.flatMap((surface) => surface.routes),
  )
  for (const surface of surfaces) mount(app, surface)
  app.notFound((context) => {
    throw new FlocapError(
      'not_found',
      `FloCap has no route ${context.req.method} ${shownPath(context.req.path).slice(0, 100)}.`,
      options.captioner === undefined ? {} : { hint: 'GET /docs lists all of them.' },
    )
  })
  app.onError((thrown, context) => answerError(thrown, context, surfaceOf(surfaces, context)))
  return app
}

/** The first surface that owns a path speaks for it; the last one owns all. */
function createSurfaces(services: SurfaceServices): readonly Surface[] {
  const dialects = [
    createHealthSurface(services),
    ...(services.moreSurfaces?.(services) ?? []),
    createExtrasSurface(services),
    createA1111Surface(services),
    createLlamacppSurface(services),
    createAnthropicSurface(services),
    // Before FloCap's own, which speaks for the rest of /api/v1.
    createKoboldSurface(services),
    createLmstudioSurface(services),
    // Before Ollama, which speaks for the rest of /api.
    createNativeSurface(services),
    ...(services.batches === undefined ? [] : [createBatchesSurface(services, services.batches)]),
    createOllamaSurface(services),
    createOpenaiSurface(services),
  ]
  return [createDocsSurface(dialects, services), ...dialects]
}

function surfaceOf(surfaces: readonly Surface[], context: HttpContext): Surface {
  const surface = surfaces.find((candidate) => candidate.owns(context.req.path))
  if (surface === undefined) throw new TypeError('The last surface must own every path.')
  return surface
}

function mount(app: HttpApp, surface: Surface): void {
  const methods = new Map<string, string[]>()
  for (const route of surface.routes) {
    app.on(route.method, route.path, route.handle)
    methods.set(route.path, [...(methods.get(route.path) ?? []), route.method])
  }
  for (const [path, allowed] of methods) {
    // Registered after the real ones, so only other methods arrive here.
    app.all(path, (context) => {
      context.get('answerHeaders').set('allow', allowHeader(allowed))
      throw new FlocapError(
        'method_not_allowed',
        `This route answers ${allowed.join(' and ')}, not ${context.req.method.slice(0, 20)}.`,
      )
    })
  }
}

function allowHeader(methods: readonly string[]): string {
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
}

/** What every answer carries, and the context of a request: its id, log, client and body. */
function useAnswerHeaders(app: HttpApp, options: AppServices, surfaces: readonly Surface[]): void {
  const { captioner, logger, metrics, settings } = options
  const measure = metrics === undefined ? undefined : createRequestMeter(metrics)
  const budget = createBodyBudget(settings.maxPendingBodyBytes)
  const readImageFor = createImageReader(options)
  app.use(async (context, next) => {
    const started = performance.now()
    const sent = context.req.header('x-request-id') ?? ''
    const requestId = REQUEST_ID.test(sent) ? sent : randomUUID()
    const share = budget.open()
    const inProcess = bindingsOf(context).inProcess
    const longTexts = inProcess?.longTexts ?? createLongTexts()
    const { raw } = context.req
    const answerHeaders = new Headers({
      'x-request-id': requestId,
      'x-content-type-options': 'nosniff',
      // No page of another site shows it as a picture or runs it, and so finds out that it is here.
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    })
    if (captioner !== undefined) answerHeaders.set('x-flocap-model', captioner.model.id)
    if (captioner?.model.demo) answerHeaders.set('x-flocap-demo', 'true')
    context.set('requestId', requestId)
    context.set('answerHeaders', answerHeaders)
    const requestLogger = logger.child({ requestId })
    context.set('logger', requestLogger)
    context.set('signal', raw.signal)
    context.set('readBody', async () => {
      const refused = options.refusal?.(context.get('client'), context.get('priority'))
      if (refused !== undefined) throw refused
      return readBody(raw, settings, share)
    })
    context.set('longTexts', longTexts)
    context.set('readJson', async () =>
      inProcess === undefined
        ? parseJson(await context.get('readBody')(), longTexts)
        : inProcess.body,
    )
    const owner = (): string => context.get('owner')
    context.set('readImage', readImageFor({ signal: raw.signal, share, longTexts, owner }))
    try {
      await runWithLogger(requestLogger, next)
    } finally {
      share.release()
    }
    const { headers } = context.res
    // The one header that an answer may know better: files of the page can be cached.
    const cacheControl = headers.get('cache-control')
    for (const [name, value] of answerHeaders) headers.set(name, value)
    if (cacheControl !== null) headers.set('cache-control', cacheControl)
    const ms = performance.now() - started
    const task = answerHeaders.get('x-flocap-task')
    measure?.({
      surface: surfaceOf(surfaces, context).name,
      status: context.res.status,
      task,
      seconds: ms / 1000,
    })
    requestLogger.debug(
      {
        method: context.req.method,
        path: shownPath(context.req.path),
        status: context.res.status,
        task: task ?? undefined,
        ms: Math.round(ms),
      },
      'request answered',
    )
  })
}

/** Host first, then origin, then key: the cheapest question that a stranger fails comes first. */
function useGuards(app: HttpApp, options: AppServices, routes: readonly Route[]): void {
  const { settings } = options
  const assertHost = createHostGuard(settings)
  const assertSender = createOriginGuard(settings)
  const keys = createKeyGuard(settings.apiKeys, settings.keysForLoopback)
  const findCaller = createCallerFinder(settings)
  app.use(async (context, next) => {
    const { req } = context
    const { inProcess } = bindingsOf(context)
    if (inProcess !== undefined) {
      context.set('client', inProcess.client)
      context.set('owner', inProcess.owner)
      return runForClient(inProcess.client, next, 'bulk')
    }
    const host = req.header('host')
    const origin = req.header('origin')
    assertHost(host)
    // Of a request as proxies get them; it counts, whatever the header says (RFC 9112, section 3.2.2).
    assertHost(hostOfTarget(context))
    assertSender({
      host,
      origin,
      method: req.method,
      site: req.header('sec-fetch-site'),
      mode: req.header('sec-fetch-mode'),
      destination: req.header('sec-fetch-dest'),
    })
    if (origin !== undefined) setHeaders(context, corsHeaders(origin))
    if (req.method === 'OPTIONS') {
      setHeaders(context, preflightHeaders(req.raw.headers))
      return new Response(null, { status: 204 })
    }
    const file = await findPageFile(context, options, routes)
    if (file !== undefined) return file
    const caller = findCaller(req.raw.headers, addressOf(context))
    const open = routes.some(({ path, open: isOpen }) => isOpen && path === req.path)
    const key = open ? undefined : keys.check(req.raw.headers, caller, keyOfPath(req.raw.url))
    const client = clientOf(key, caller.address)
    context.set('client', client)
    context.set('owner', ownerOf(key))
    return runForClient(client, next)
  })
}

/** Without a socket there are none at all, whatever the type says. */
function bindingsOf(context: HttpContext): HttpEnv['Bindings'] {
  const bindings: HttpEnv['Bindings'] | undefined = context.env
  return bindings ?? {}
}

/** Undefined for a target that is a path alone. */
function hostOfTarget(context: HttpContext): string | undefined {
  return /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i.exec(bindingsOf(context).incoming?.url ?? '')?.[1]
}

/** Of the socket; undefined without one. */
function addressOf(context: HttpContext): string | undefined {
  return bindingsOf(context).incoming?.socket.remoteAddress
}

/** Files of the web page need no key: a browser cannot send one for them. */
async function findPageFile(
  { req }: HttpContext,
  { page }: AppServices,
  routes: readonly Route[],
): Promise<Response | undefined> {
  const asksForFile = req.method === 'GET' || req.method === 'HEAD'
  if (page === undefined || !asksForFile) return undefined
  if (routes.some(({ path }) => path === req.path)) return undefined
  return page(req.path, req.header('accept-encoding'))
}

function answerError(thrown: Error, context: HttpContext, surface: Surface): Response {
  const error = toFlocapError(thrown)
  logFailure(context.get('logger'), error, { path: shownPath(context.req.path) })
  const { outgoing } = bindingsOf(context)
  if (outgoing) outgoing.statusMessage = reasonPhrase(error)
  setHeaders(context, errorHeaders(error))
  const body = surface.renderError(error, context.get('requestId'))
  return jsonResponse(body, STATUS[error.code])
}

function setHeaders(context: HttpContext, headers: Record<string, string>): void {
  const answerHeaders = context.get('answerHeaders')
  for (const [name, value] of Object.entries(headers)) answerHeaders.set(name, value)
}
