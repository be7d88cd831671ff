// Everything about the HTTP layer that a user can set, with the values used when nobody sets it.
//
// Reading flags, environment and files is config/'s work; this layer is handed one frozen object.
import type { TaskId } from '../caption/tasks.ts'
import type { Prompts } from './chat/task-choice.ts'
import { DEFAULT_FORWARDED_HEADERS } from '../base/forwarded-headers.ts'
import { type ImageProxies, NO_IMAGE_PROXIES } from './image-url/fetch-image.ts'
import { type AllowedImageHosts, NO_IMAGE_HOSTS } from './image-url/allowed-hosts.ts'

/** A 30 MB photo is 40 MB of base64 inside JSON; 64 MiB leaves room for a second one. */
const DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024

/** Four bodies of the largest size at once; beyond that memory, not the model, is the bottleneck. */
const DEFAULT_MAX_PENDING_BODY_BYTES = 4 * DEFAULT_MAX_BODY_BYTES

/** Cameras send up to twenty frames; more take minutes on two cores, and clients give up before. */
const DEFAULT_MAX_IMAGES = 32

/** Room for a burst of requests that are all to be answered, if only with 503; each costs 16 KiB. */
const DEFAULT_MAX_CONNECTIONS = 1024

/** A sender that pauses this long inside a body is gone; honest uploads pause for seconds. */
const DEFAULT_BODY_IDLE_MS = 30_000

/** A reader that takes nothing for this long is gone, or means harm. */
const DEFAULT_STALLED_ANSWER_MS = 20_000

/** Proxies and clients cut idle streams after 30 to 60 seconds. */
const DEFAULT_STREAM_KEEP_ALIVE_MS = 10_000

/** A caption on a slow machine ends within this; process managers kill after 30 seconds. */
const DEFAULT_SHUTDOWN_GRACE_MS = 20_000

export interface HttpSettings {
  /** What runs when a request chooses no task. */
  readonly defaultTask: TaskId
  /** Chat without a picture: `sentence` answers 200 with a fixed text, `error` answers 400. */
  readonly textOnly: 'sentence' | 'error'
  /** What ordinary words of a chat choose: see `chat/task-choice.ts`. */
  readonly prompts: Prompts
  /** A schema's property that no picture tells: `empty` gives it no value or an empty one, `refuse` 400. */
  readonly unanswerable: 'empty' | 'refuse'
  /** Any of these opens the API; none means that no key is asked for. */
  readonly apiKeys: readonly string[]
  /** False: programs of this machine need none of the keys. */
  readonly keysForLoopback: boolean
  /** Headers that say that a request came through a proxy: `via`, `x-forwarded-*`. */
  readonly forwardedHeaders: readonly string[]
  /** Addresses of proxies whose X-Forwarded-For is believed: `10.0.0.0/8`, `loopback`. */
  readonly trustedProxies: readonly string[]
  /** Host header names to answer for besides those of this machine: `captions.example.com`, `*.lan`. */
  readonly allowedHosts: readonly string[]
  /** Web origins to answer besides local ones: `https://chat.example.com`, `chrome-extension://*`. */
  readonly allowedOrigins: readonly string[]
  /** Who may pull and switch models: see `surfaces/manage/permission.ts`. */
  readonly manageModels: 'never' | 'local' | 'key'
  /** From where images are fetched by their URL: see `image-url/allowed-hosts.ts`. */
  readonly imageHosts: AllowedImageHosts
  /** Through what they are fetched. */
  readonly imageProxies: ImageProxies
  /** Answer web pages and host names of the private network: set when listening on all interfaces. */
  readonly privateNetwork: boolean
  /** Bytes of one request body. */
  readonly maxBodyBytes: number
  /** Bytes of all request bodies held at the same time. */
  readonly maxPendingBodyBytes: number
  /** Pictures in one request. */
  readonly maxImages: number
  readonly maxConnections: number
  /** Milliseconds without a byte after which a request body is given up. */
  readonly bodyIdleMs: number
  /** Milliseconds after which an answer that nobody reads is given up. */
  readonly stalledAnswerMs: number
  /** Milliseconds of silence after which a stream sends a sign of life. */
  readonly streamKeepAliveMs: number
  /** Milliseconds for which a server that closes still answers, and /ready sends balancers elsewhere. */
  readonly drainMs: number
  /** Milliseconds that requests in flight get to finish when the server closes. */
  readonly shutdownGraceMs: number
}

export const DEFAULT_HTTP_SETTINGS: HttpSettings = {
  defaultTask: 'more_detailed_caption',
  textOnly: 'sentence',
  prompts: 'ignore',
  unanswerable: 'empty',
  apiKeys: [],
  keysForLoopback: true,
  forwardedHeaders: DEFAULT_FORWARDED_HEADERS,
  trustedProxies: [],
  allowedHosts: [],
  allowedOrigins: [],
  manageModels: 'local',
  imageHosts: NO_IMAGE_HOSTS,
  imageProxies: NO_IMAGE_PROXIES,
  privateNetwork: false,
  maxBodyBytes: DEFAULT_MAX_BODY_BYTES,
  maxPendingBodyBytes: DEFAULT_MAX_PENDING_BODY_BYTES,
  maxImages: DEFAULT_MAX_IMAGES,
  maxConnections: DEFAULT_MAX_CONNECTIONS,
  bodyIdleMs: DEFAULT_BODY_IDLE_MS,
  stalledAnswerMs: DEFAULT_STALLED_ANSWER_MS,
  streamKeepAliveMs: DEFAULT_STREAM_KEEP_ALIVE_MS,
  drainMs: 0,
  shutdownGraceMs: DEFAULT_SHUTDOWN_GRACE_MS,
}
