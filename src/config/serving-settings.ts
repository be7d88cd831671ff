// The settings of a server: who may ask, how much, and when its engine is replaced.
import { DEFAULT_FORWARDED_HEADERS } from '../base/forwarded-headers.ts'
import {
  parseDuration,
  parseFolders,
  parseHosts,
  parseInteger,
  parseList,
  parseOneOf,
  parseSwitch,
} from './parse-values.ts'
import type { SettingKind } from './settings.ts'

export interface ServingSettings {
  readonly apiKey: readonly string[]
  /** Empty for none. */
  readonly apiKeyFile: string
  readonly insecureNoAuth: boolean
  readonly forwardedHeaders: readonly string[]
  readonly trustProxy: readonly string[]
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  readonly manageModels: ManageModels
  /** Empty: images are not fetched. `*` is every public host. */
  readonly allowImageUrls: readonly string[]
  readonly proxyResolves: boolean
  /** Absolute paths; empty: no path is read. */
  readonly mcpRoot: readonly string[]
  /** Id, token or friendly name of a task; who knows the tasks checks it. */
  readonly task: string
  readonly prompts: Prompts
  readonly unanswerable: Unanswerable
  readonly maxBodyMb: number
  readonly maxImages: number
  readonly maxQueue: number
  /** Seconds; 0 for not at all. */
  readonly loadWait: number
  /** Seconds; 0 for not at all. */
  readonly drain: number
  /** Seconds. */
  readonly engineTimeout: number
  /** 0 for no limit. */
  readonly engineMemoryMb: number
  /** Seconds; 0 for never. */
  readonly idleUnload: number
}

/** Who may pull and switch models over HTTP: see docs/guide/models.md. */
export type ManageModels = 'never' | 'local' | 'key'
const MANAGE_MODELS: readonly ManageModels[] = ['never', 'local', 'key']

/** What ordinary words of a chat choose: see docs/reference/prompts.md. */
export type Prompts = 'ignore' | 'follow'
const PROMPTS: readonly Prompts[] = ['ignore', 'follow']

/** What becomes of a schema's property that no picture tells: see docs/guide/structured-answers.md. */
export type Unanswerable = 'empty' | 'refuse'
const UNANSWERABLE: readonly Unanswerable[] = ['empty', 'refuse']

export type ServingName = keyof ServingSettings

/** A 30 MB photo is 40 MB of base64 inside JSON; this leaves room for a second one. */
const DEFAULT_MAX_BODY_MB = 64
const MAX_BODY_MB = 1024
/** Cameras send up to twenty frames in one request. */
const DEFAULT_MAX_IMAGES = 32
const MAX_IMAGES = 256
/** On a slow machine the last of them waits for some minutes: longer than its client does. */
const DEFAULT_MAX_QUEUE = 64
const MAX_QUEUE = 10_000
/** Most clients give up after one to five minutes; loading takes seconds, compiling a minute. */
const DEFAULT_LOAD_WAIT = 120
const MAX_LOAD_WAIT = 3600
/** Balancers look every second to every half minute. */
const MAX_DRAIN = 600
/** Some ten times the longest slice of work on an old machine. */
const DEFAULT_ENGINE_TIMEOUT = 120
const MAX_ENGINE_TIMEOUT = 3600
const MAX_ENGINE_MEMORY_MB = 1024 * 1024
/** Longer than any pause that is not a holiday; timers of Node end at 24 days. */
const MAX_IDLE_SECONDS = 7 * 24 * 3600

/** Spread into the table of settings.ts. */
export const SERVING_SETTINGS: {
  readonly [Name in ServingName]: SettingKind<ServingSettings[Name]>
} = {
  apiKey: {
    environment: 'FLOCAP_API_KEY',
    placeholder: 'keys',
    default: [],
    description: 'Comma-separated API keys; every request must send one of them.',
    parse: parseList,
  },
  apiKeyFile: {
    environment: 'FLOCAP_API_KEY_FILE',
    placeholder: 'file',
    default: '',
    description: 'File with API keys, one per line; keeps them out of the process list.',
    parse: (text) => text,
  },
  insecureNoAuth: {
    environment: 'FLOCAP_INSECURE_NO_AUTH',
    default: false,
    description: 'Accept requests from the network without an API key (with --listen).',
    parse: parseSwitch,
  },
  forwardedHeaders: {
    environment: 'FLOCAP_FORWARDED_HEADERS',
    placeholder: 'names',
    default: DEFAULT_FORWARDED_HEADERS,
    description: 'Headers that show that a request came through a proxy, so not from this machine.',
    parse: parseList,
  },
  trustProxy: {
    environment: 'FLOCAP_TRUST_PROXY',
    placeholder: 'addresses',
    default: [],
    description: 'Proxies whose X-Forwarded-For names the client: addresses, ranges or loopback.',
    parse: parseList,
  },
  allowedHosts: {
    environment: 'FLOCAP_ALLOWED_HOSTS',
    placeholder: 'names',
    default: [],
    description:
      'Comma-separated host names to accept besides those of this machine; *.lan for all below.',
    parse: parseList,
  },
  allowedOrigins: {
    environment: 'FLOCAP_ALLOWED_ORIGINS',
    placeholder: 'origins',
    default: [],
    description:
      'Comma-separated origins of web pages that may send requests; * accepts all, chrome-extension://* all of a kind.',
    parse: parseList,
  },
  allowImageUrls: {
    environment: 'FLOCAP_ALLOW_IMAGE_URLS',
    placeholder: 'hosts',
    valueOptional: true,
    default: [],
    description:
      'Fetch image URLs: from any public host, or only from the hosts listed (LAN hosts included).',
    parse: parseHosts,
  },
  proxyResolves: {
    environment: 'FLOCAP_PROXY_RESOLVES',
    default: false,
    description:
      'Let the proxy look up hosts of image URLs that this machine cannot; its rules then decide where they lead.',
    parse: parseSwitch,
  },
  mcpRoot: {
    environment: 'FLOCAP_MCP_ROOT',
    placeholder: 'folder...',
    repeatable: true,
    default: [],
    description:
      'Folder whose pictures MCP clients may name by path, with all below it; repeatable, or several as in PATH.',
    parse: parseFolders,
  },
  manageModels: {
    environment: 'FLOCAP_MANAGE_MODELS',
    placeholder: 'who',
    default: 'local',
    description:
      'Who may download and switch models from the page: never, local (this machine only), or key (also elsewhere with an API key).',
    parse: (text) => parseOneOf(text, MANAGE_MODELS),
  },
  task: {
    environment: 'FLOCAP_TASK',
    placeholder: 'name',
    default: 'more_detailed_caption',
    description: 'Task for requests that name none.',
    parse: (text) => text,
  },
  prompts: {
    environment: 'FLOCAP_PROMPTS',
    placeholder: 'name',
    default: 'ignore',
    description:
      'Prompts in plain words: ignore runs the default task whatever they say, follow lets some phrases choose the task.',
    parse: (text) => parseOneOf(text, PROMPTS),
  },
  unanswerable: {
    environment: 'FLOCAP_UNANSWERABLE',
    placeholder: 'name',
    default: 'empty',
    description:
      'What a JSON schema asks and no picture tells: empty leaves it out or empty, refuse answers 400.',
    parse: (text) => parseOneOf(text, UNANSWERABLE),
  },
  maxBodyMb: {
    environment: 'FLOCAP_MAX_BODY_MB',
    placeholder: 'megabytes',
    default: DEFAULT_MAX_BODY_MB,
    description: 'Maximum request size.',
    parse: (text) => parseInteger(text, 1, MAX_BODY_MB),
  },
  maxImages: {
    environment: 'FLOCAP_MAX_IMAGES',
    placeholder: 'number',
    default: DEFAULT_MAX_IMAGES,
    description: 'Maximum number of images in one request.',
    parse: (text) => parseInteger(text, 1, MAX_IMAGES),
  },
  maxQueue: {
    environment: 'FLOCAP_MAX_QUEUE',
    placeholder: 'number',
    default: DEFAULT_MAX_QUEUE,
    description:
      'Maximum number of queued captions; more are refused with 503 until there is room.',
    parse: (text) => parseInteger(text, 0, MAX_QUEUE),
  },
  loadWait: {
    environment: 'FLOCAP_LOAD_WAIT',
    placeholder: 'seconds',
    default: DEFAULT_LOAD_WAIT,
    description:
      'Let requests wait this long for a model that is being downloaded or loaded, then answer 503; 0 answers 503 at once.',
    parse: (text) => parseInteger(text, 0, MAX_LOAD_WAIT),
  },
  drain: {
    environment: 'FLOCAP_DRAIN',
    placeholder: 'seconds',
    default: 0,
    description:
      'When told to stop, keep answering for this long while /ready says 503, so that a load balancer sends requests elsewhere.',
    parse: (text) => parseInteger(text, 0, MAX_DRAIN),
  },
  engineTimeout: {
    environment: 'FLOCAP_ENGINE_TIMEOUT',
    placeholder: 'seconds',
    default: DEFAULT_ENGINE_TIMEOUT,
    description: 'Restart the engine process when it has made no progress for this long.',
    parse: (text) => parseInteger(text, 1, MAX_ENGINE_TIMEOUT),
  },
  engineMemoryMb: {
    environment: 'FLOCAP_ENGINE_MEMORY_MB',
    placeholder: 'megabytes',
    default: 0,
    description:
      'Restart the engine process between captions when it uses more memory than this; 0 disables.',
    parse: (text) => parseInteger(text, 0, MAX_ENGINE_MEMORY_MB),
  },
  idleUnload: {
    environment: 'FLOCAP_IDLE_UNLOAD',
    placeholder: 'time',
    default: 0,
    description: 'Unload the model after this long without a request, such as 10m; 0 disables.',
    parse: (text) => parseDuration(text, MAX_IDLE_SECONDS),
  },
}

/** In the order of the table. */
export const SERVING_NAMES: readonly ServingName[] = Object.keys(SERVING_SETTINGS).filter(
  (name): name is ServingName => name in SERVING_SETTINGS,
)
