// What a surface is: the routes of one dialect, the paths it speaks for and how it says no.
//
// app.ts mounts surfaces; openapi/ describes them; neither knows a dialect.
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { z } from 'zod'
import type { Batches } from '../batches/batches.ts'
import type { FlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import type { Load } from '../caption/admission.ts'
import type { TasksCaptioner } from '../caption/captioner.ts'
import type { Drawing } from '../caption/draw-findings.ts'
import type { PictureLook } from '../caption/ports.ts'
import type { Priority } from '../caption/priority.ts'
import type { Resolve } from './image-url/addresses.ts'
import type { LongTexts } from './body/long-texts.ts'
import type { ReadImage } from './body/read-image.ts'
import type { InProcessRequest } from './in-process.ts'
import type { ManagedModels } from './managed-models.ts'
import type { HttpSettings } from './settings.ts'

/** Whether captions can be made now; the server answers everything else in the meantime. */
export type Readiness =
  | { readonly ready: true }
  | {
      readonly ready: false
      readonly reason: string
      /** Default `loading`. */
      readonly status?: 'loading' | 'restarting' | 'busy' | 'failed'
    }

/** Of each picture, in their order. @throws FlocapError as captioning them. */
export type Look = (
  pictures: readonly Uint8Array[],
  signal: AbortSignal,
) => Promise<readonly PictureLook[]>

/** What every surface is given. */
export interface SurfaceServices {
  readonly captioner: TasksCaptioner
  readonly settings: HttpSettings
  readonly logger: Logger
  readonly readiness: () => Readiness
  /** Whether the server is about to close; it still answers. The server itself sets this. */
  readonly isEnding?: () => boolean
  /** How busy the model is, for balancers. */
  readonly load?: () => Load
  /**
   * Resolves when all of `captioner.model` is known; at once where the model is loaded already.
   *
   * @throws FlocapError model_loading when that takes too long, cancelled, or what the model fails with.
   */
  readonly whenLoaded?: (signal: AbortSignal) => Promise<void>
  /**
   * The error for a client that has filled the queue itself, before its next body is read: reading
   * pictures only to refuse them takes time from those that are being captioned.
   */
  readonly refusal?: (client: string, priority?: Priority) => FlocapError | undefined
  /** Draws on pictures as they are looked at. Without it drawings are SVG beside answers only. */
  readonly drawing?: Drawing
  /** Pictures in small, to join neighbours that are alike. Without it only equal files are joined. */
  readonly look?: Look
  /** Counts requests; GET /metrics shows what is in it. Without it there is no such route. */
  readonly metrics?: Metrics
  /** Of FloCap, for people. */
  readonly version?: string
  /** What its user types in front of options of the server: `npm start --`. */
  readonly serveCommand?: string
  /** Finds the addresses of hosts that images are fetched from; the system's resolver by default. */
  readonly resolve?: Resolve
  /** Files and batches; without them there are no such routes. */
  readonly batches?: Batches
  /** Which models there are, and another one to be served; without it there are no such routes. */
  readonly models?: ManagedModels
  /** Dialects from outside of this layer, beside its own. */
  readonly moreSurfaces?: (services: SurfaceServices) => readonly Surface[]
  /**
   * The web page and its files by path, compressed as the request's Accept-Encoding allows; undefined
   * for a path that is none of them.
   */
  readonly page?: (
    path: string,
    acceptEncoding: string | undefined,
  ) => Promise<Response | undefined>
}

export interface Standing {
  /** A program of this machine, through no proxy. */
  readonly isLocal: boolean
  /** It has shown a key, which was checked. */
  readonly hasKey: boolean
}

export interface HttpEnv {
  /** Absent when a request does not come over a socket, as in tests. */
  Bindings: Partial<HttpBindings> & { readonly inProcess?: InProcessRequest }
  Variables: {
    requestId: string
    /** Who sends the request, for the queue; set behind the guards. */
    client: string
    /** Whose files and batches it is about; set behind the guards. */
    owner: string
    /** What is certain of who sends it; set behind the guards. */
    standing: Standing
    /** Set before the body is read where the request says its class outside of it. */
    priority?: Priority
    /** Aborts when the client goes away, or its connection is closed with the server. */
    signal: AbortSignal
    logger: Logger
    /** Put on the answer, whoever makes it: a handler, a guard or the error handler. */
    answerHeaders: Headers
    /** The request body, limited and counted; call it once. */
    readBody: () => Promise<Uint8Array>
    /** The request body as JSON; instead of `readBody`. Long pictures in it are left to `readImage`. */
    readJson: () => Promise<unknown>
    longTexts: LongTexts
    /** A picture that the body names, in base64 or by its URL. */
    readImage: ReadImage
  }
}

export type HttpContext = Context<HttpEnv>

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Hono's pattern of a normalised path: no `/v1`, no slash at the end. */
  readonly path: string
  /** One line for the API reference. */
  readonly summary: string
  /** Answered without an API key. */
  readonly open?: true
  readonly handle: (context: HttpContext) => Response | Promise<Response>
  readonly wire?: RouteWire
}

/** The bodies of a route, from which the OpenAPI document is made. */
export interface RouteWire {
  readonly request?: z.ZodType
  readonly response?: z.ZodType
  /** Content type of a streamed answer, with the schema of one event. */
  readonly stream?: { readonly type: string; readonly event: z.ZodType }
  /** Content types of the request besides JSON. */
  readonly requestTypes?: readonly string[]
}

export interface Surface {
  readonly name: string
  /** What it is and who speaks it, for the API reference. */
  readonly description: string
  /** What its clients write in front of every path, which routing does not see. */
  readonly prefix?: string
  readonly routes: readonly Route[]
  /** Whether errors at this path, unknown routes included, are in this dialect. */
  readonly owns: (path: string) => boolean
  /** The JSON body of an error answer. */
  readonly renderError: (error: FlocapError, requestId: string) => unknown
  readonly errorBody: z.ZodType
}
