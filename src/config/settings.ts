// The one table of settings: command-line flags, environment variables, help texts and the reference
// page are made from it.
import { homedir } from 'node:os'
import { type Device, DEVICES } from '../base/devices.ts'
import { FlocapError } from '../base/errors.ts'
import { BATCH_SETTINGS, type BatchSettings } from './batch-settings.ts'
import { defaultHome } from './home.ts'
import { parseInteger, parseOneOf, parseProxy, parseSwitch, parseText } from './parse-values.ts'
import { PICTURE_SETTINGS, type PictureSettings } from './picture-settings.ts'
import { SERVING_SETTINGS, type ServingSettings } from './serving-settings.ts'

export interface Settings extends ServingSettings, BatchSettings, PictureSettings {
  readonly port: number
  readonly listen: boolean
  readonly debug: boolean
  readonly log: LogForm
  readonly model: string
  /** LoRA adapter, as a folder or by its name on the Hub; empty for none. */
  readonly adapter: string
  readonly threads: number
  readonly engines: number
  readonly device: Device | typeof AUTO_DEVICE
  readonly precision: Precision
  readonly answerCacheMb: number
  readonly home: string
  readonly offline: boolean
  /** Empty for the Hub itself. */
  readonly hubEndpoint: string
  /** Empty for none. */
  readonly hubToken: string
  /** Address of a proxy for https:// addresses; empty for none. */
  readonly httpsProxy: string
  /** The same for http:// addresses, and for both where it is the only one. */
  readonly httpProxy: string
  /** Hosts that are reached without it, with commas between. */
  readonly noProxy: string
  /** Signs what --batch-webhook gets; empty for none. */
  readonly batchWebhookSecret: string
}

/** The value of `model` when nobody has named one: what is here decides. */
export const AUTO_MODEL = 'auto'

/** The value of `device` that leaves the choice to FloCap: see docs/decisions/0009-devices.md. */
export const AUTO_DEVICE = 'auto'

/** How the log is written: `auto` is `text` on a terminal and `json` elsewhere. */
export type LogForm = 'auto' | 'text' | 'json' | 'quiet'
const LOG_FORMS: readonly LogForm[] = ['auto', 'text', 'json', 'quiet']

/** What to compute with; see docs/design/quantisation.md. */
export type Precision = 'auto' | 'fast' | 'fp32'
export const PRECISIONS: readonly Precision[] = ['auto', 'fast', 'fp32']

export type SettingName = keyof Settings

/**
 * What command lines show, and keep in their history, holds no secrets; a proxy's address may hold a
 * password. These have no flag.
 */
type EnvironmentOnly =
  | 'hubEndpoint'
  | 'hubToken'
  | 'httpsProxy'
  | 'httpProxy'
  | 'noProxy'
  | 'batchWebhookSecret'
export type FlagName = Exclude<SettingName, EnvironmentOnly>

export interface SettingKind<T> {
  readonly environment: string
  /**
   * A variable that other programs use too: read after the first one, and only where its value is
   * one that the setting can have.
   */
  readonly sharedEnvironment?: string
  /** Stands for the value in help texts; a switch has none. */
  readonly placeholder?: string
  /** The flag may stand alone, which is as if its value were `true`. */
  readonly valueOptional?: true
  readonly default: T
  /** The flag takes several values and may be repeated; all are joined as in PATH. */
  readonly repeatable?: true
  /** One sentence. */
  readonly description: string
  /** @throws RangeError whose message says what is expected. */
  readonly parse: (text: string) => T
}

/** The port of the first FloCap, which its users' clients point at. */
const DEFAULT_PORT = 5000
const MAX_PORT = 65_535
/** Far above any machine: a typing error is more likely. */
const MAX_THREADS = 256
/** Each holds the model: beyond this memory is better spent on larger models. */
const MAX_ENGINES = 64
/** Some ten thousand captions. */
const DEFAULT_ANSWER_CACHE_MB = 16
const MAX_ANSWER_CACHE_MB = 65_536

export const SETTINGS: { readonly [Name in SettingName]: SettingKind<Settings[Name]> } = {
  port: {
    environment: 'FLOCAP_PORT',
    placeholder: 'number',
    default: DEFAULT_PORT,
    description: 'Port to listen on; 0 picks a free one.',
    parse: (text) => parseInteger(text, 0, MAX_PORT),
  },
  listen: {
    environment: 'FLOCAP_LISTEN',
    default: false,
    description: 'Listen on all network interfaces instead of this machine only.',
    parse: parseSwitch,
  },
  debug: {
    environment: 'FLOCAP_DEBUG',
    // The first FloCap's switch, which its users' compose files still set.
    sharedEnvironment: 'DEBUG',
    default: false,
    description: 'Log every request and where its time went; never pictures or prompts.',
    parse: parseSwitch,
  },
  log: {
    environment: 'FLOCAP_LOG',
    placeholder: 'form',
    default: 'auto',
    description:
      'Log format: text (a line for each caption), json, or quiet (warnings only); auto is text on a terminal and json elsewhere.',
    parse: (text) => parseOneOf(text, LOG_FORMS),
  },
  model: {
    environment: 'FLOCAP_MODEL',
    placeholder: 'model',
    default: AUTO_MODEL,
    description:
      "Short name, owner/name[@revision] on the Hub, folder, or 'bundled' for the demo; 'auto' is the model named last, or an installed one.",
    parse: parseText,
  },
  adapter: {
    environment: 'FLOCAP_ADAPTER',
    placeholder: 'adapter',
    default: '',
    description:
      'LoRA adapter (PEFT) to merge into the model: a folder, or owner/name[@revision] on the Hub.',
    parse: (text) => text,
  },
  threads: {
    environment: 'FLOCAP_THREADS',
    placeholder: 'number',
    default: 0,
    description: 'Threads per engine process; 0 divides the available cores among them.',
    parse: (text) => parseInteger(text, 0, MAX_THREADS),
  },
  engines: {
    environment: 'FLOCAP_ENGINES',
    placeholder: 'number',
    default: 1,
    description: 'Number of engine processes; each loads the model once.',
    parse: (text) => parseInteger(text, 1, MAX_ENGINES),
  },
  ...SERVING_SETTINGS,
  ...BATCH_SETTINGS,
  ...PICTURE_SETTINGS,
  device: {
    environment: 'FLOCAP_DEVICE',
    placeholder: 'name',
    default: AUTO_DEVICE,
    description:
      'Compute device: cpu, cuda, webgpu, directml or coreml; auto is the CPU. See docs/guide/devices.md.',
    parse: (text) => parseOneOf(text, [AUTO_DEVICE, ...DEVICES]),
  },
  precision: {
    environment: 'FLOCAP_PRECISION',
    placeholder: 'name',
    default: 'auto',
    description:
      'Arithmetic: auto (8 bits, checked), fast (4 bits as well) or fp32 (exact). On a GPU fast is fp16, the others fp32.',
    parse: (text) => parseOneOf(text, PRECISIONS),
  },
  answerCacheMb: {
    environment: 'FLOCAP_ANSWER_CACHE_MB',
    placeholder: 'megabytes',
    default: DEFAULT_ANSWER_CACHE_MB,
    description: 'Memory for the cache of finished answers; 0 disables it.',
    parse: (text) => parseInteger(text, 0, MAX_ANSWER_CACHE_MB),
  },
  home: {
    environment: 'FLOCAP_HOME',
    placeholder: 'folder',
    default: '',
    description: "Folder for models and compiled forms; empty is the system's cache folder.",
    parse: (text) => text,
  },
  offline: {
    environment: 'FLOCAP_OFFLINE',
    default: false,
    description: 'Never access the network.',
    parse: parseSwitch,
  },
  hubEndpoint: {
    environment: 'HF_ENDPOINT',
    default: '',
    description: 'Address of a mirror of the Hugging Face Hub.',
    parse: (text) => text,
  },
  hubToken: {
    environment: 'HF_TOKEN',
    default: '',
    description: 'Hugging Face token, for gated models.',
    parse: (text) => text,
  },
  httpsProxy: {
    environment: 'HTTPS_PROXY',
    sharedEnvironment: 'https_proxy',
    default: '',
    description: 'Proxy for https:// addresses (downloads and image URLs).',
    parse: parseProxy,
  },
  httpProxy: {
    environment: 'HTTP_PROXY',
    sharedEnvironment: 'http_proxy',
    default: '',
    description: 'Proxy for http:// addresses, and for https:// where HTTPS_PROXY is not set.',
    parse: parseProxy,
  },
  noProxy: {
    environment: 'NO_PROXY',
    sharedEnvironment: 'no_proxy',
    default: '',
    description: 'Comma-separated hosts to reach without a proxy; * is all.',
    parse: (text) => text,
  },
  batchWebhookSecret: {
    environment: 'FLOCAP_BATCH_WEBHOOK_SECRET',
    default: '',
    description: 'Signs what --batch-webhook is told: whsec_ and base64, or any text.',
    parse: (text) => text,
  },
}

const ENVIRONMENT_ONLY: ReadonlySet<SettingName> = new Set<EnvironmentOnly>([
  'hubEndpoint',
  'hubToken',
  'httpsProxy',
  'httpProxy',
  'noProxy',
  'batchWebhookSecret',
])

/** Every setting, in the order of the table. */
export const SETTING_NAMES: readonly SettingName[] = Object.keys(SETTINGS).filter(isSettingName)

function isSettingName(name: string): name is SettingName {
  return name in SETTINGS
}

/** False for a setting that only an environment variable gives. */
export function hasFlag(name: SettingName): name is FlagName {
  return !ENVIRONMENT_ONLY.has(name)
}

/** The command-line flag of a setting: `--answer-cache-mb` for `answerCacheMb`. */
function flagOf(name: FlagName): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** The flag with what stands for its value: `--port <number>`, `--allow-image-urls [hosts]`. */
export function flagWithValue(name: FlagName): string {
  const { placeholder, valueOptional } = SETTINGS[name]
  if (placeholder === undefined) return flagOf(name)
  return `${flagOf(name)} ${valueOptional ? `[${placeholder}]` : `<${placeholder}>`}`
}

/** What the command line gave: text for values, true for switches, nothing where it is silent. */
export type Flags = Readonly<Partial<Record<FlagName, string | boolean>>>
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Flags before environment before defaults.
 *
 * @param nameOf how errors call a flag; by default as the command line does.
 * @throws FlocapError `invalid_setting` naming where the value came from and what it should be.
 */
export function resolveSettings(
  flags: Flags,
  environment: Environment,
  nameOf: (name: FlagName) => string = flagOf,
): Settings {
  function resolve<Name extends SettingName>(name: Name): Settings[Name] {
    const kind = SETTINGS[name]
    const flag = hasFlag(name) ? flags[name] : undefined
    if (hasFlag(name) && flag !== undefined) return parse(kind, nameOf(name), String(flag))
    const variable = environment[kind.environment]
    if (variable !== undefined && variable !== '') return parse(kind, kind.environment, variable)
    return parseShared(kind, environment) ?? kind.default
  }
  return {
    port: resolve('port'),
    listen: resolve('listen'),
    debug: resolve('debug'),
    log: resolve('log'),
    apiKey: resolve('apiKey'),
    apiKeyFile: resolve('apiKeyFile'),
    insecureNoAuth: resolve('insecureNoAuth'),
    forwardedHeaders: resolve('forwardedHeaders'),
    trustProxy: resolve('trustProxy'),
    allowedHosts: resolve('allowedHosts'),
    allowedOrigins: resolve('allowedOrigins'),
    manageModels: resolve('manageModels'),
    allowImageUrls: resolve('allowImageUrls'),
    proxyResolves: resolve('proxyResolves'),
    mcpRoot: resolve('mcpRoot'),
    task: resolve('task'),
    prompts: resolve('prompts'),
    unanswerable: resolve('unanswerable'),
    maxBodyMb: resolve('maxBodyMb'),
    maxImages: resolve('maxImages'),
    maxQueue: resolve('maxQueue'),
    loadWait: resolve('loadWait'),
    drain: resolve('drain'),
    engineTimeout: resolve('engineTimeout'),
    engineMemoryMb: resolve('engineMemoryMb'),
    idleUnload: resolve('idleUnload'),
    batchStorageMb: resolve('batchStorageMb'),
    batchFileMb: resolve('batchFileMb'),
    batchLines: resolve('batchLines'),
    batchWebhook: resolve('batchWebhook'),
    queue: resolve('queue'),
    background: resolve('background'),
    maxMegapixels: resolve('maxMegapixels'),
    model: resolve('model'),
    adapter: resolve('adapter'),
    threads: resolve('threads'),
    engines: resolve('engines'),
    device: resolve('device'),
    precision: resolve('precision'),
    answerCacheMb: resolve('answerCacheMb'),
    home: resolve('home') || systemHome(environment),
    offline: resolve('offline'),
    hubEndpoint: resolve('hubEndpoint'),
    hubToken: resolve('hubToken'),
    httpsProxy: resolve('httpsProxy'),
    httpProxy: resolve('httpProxy'),
    noProxy: resolve('noProxy'),
    batchWebhookSecret: resolve('batchWebhookSecret'),
  }
}

function systemHome(environment: Environment): string {
  return defaultHome({ name: process.platform, userFolder: homedir(), environment })
}

/** Another program's value for a shared variable, such as DEBUG=express:*, says nothing to us. */
function parseShared<T>(
  { sharedEnvironment, parse: read }: SettingKind<T>,
  environment: Environment,
): T | undefined {
  const text = sharedEnvironment === undefined ? undefined : environment[sharedEnvironment]
  if (text === undefined) return undefined
  try {
    return read(text)
  } catch {
    return undefined
  }
}

function parse<T>(kind: SettingKind<T>, source: string, text: string): T {
  try {
    return kind.parse(text)
  } catch (error) {
    const expected = error instanceof Error ? error.message : String(error)
    throw new FlocapError('invalid_setting', `Expected ${expected} for ${source}, got '${text}'.`, {
      subject: source,
      hint: kind.description,
      cause: error,
    })
  }
}
