// The options of a captioner, and the settings that they make: options before FloCap's environment
// variables before defaults, as with the command.
import type { Device } from '../base/devices.ts'
import { FlocapError } from '../base/errors.ts'
import { showValue } from '../base/show-value.ts'
import { type Flags, type Precision, resolveSettings, type Settings } from '../config/settings.ts'
import { assertOptionNames } from './option-names.ts'

/** How far the model is on its way. */
export interface Progress {
  /**
   * In this order: `download` only of a model that is not here, `compile` only on its first use, which
   * takes from seconds to some minutes, then `load`.
   */
  readonly stage: 'download' | 'compile' | 'load'
  /** Share of the stage that is done, 0 to 1, which never falls; undefined where it is not known. */
  readonly fraction: number | undefined
}

/** Of `createCaptioner`; every one may be left out. */
export interface CaptionerOptions {
  /**
   * `base`, `large`, `owner/name` on the Hub, a folder, or `bundled` for the demo. Default: the model
   * named last by the command, or one that is installed, or the demo.
   */
  readonly model?: string
  /** Default `auto`, which is the CPU. */
  readonly device?: Device | 'auto'
  /** `auto`, the default, is 8 bits on a CPU; `fast` is 4 bits as well; `fp32` is exact. */
  readonly precision?: Precision
  /** Threads of each engine, 0 to 256; 0, the default, divides the cores among the engines. */
  readonly threads?: number
  /** Engine processes, 1 to 64, each with the model in memory. Default 1. */
  readonly engines?: number
  /** Folder for models and compiled forms. Default: the system's cache folder. */
  readonly home?: string
  /** Never access the network, for models or pictures. */
  readonly offline?: boolean
  /** Address of a running FloCap, which answers instead of an engine of this program. */
  readonly server?: string | URL
  /** The key of that server. Default: the environment's FLOCAP_API_KEY. */
  readonly apiKey?: string
  /** Told how the model comes; not with `server`. What it throws is an exception of the program. */
  readonly onProgress?: (progress: Progress) => void
  /** Aborts the start: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

const AS_SETTINGS = [
  'model',
  'device',
  'precision',
  'threads',
  'engines',
  'home',
  'offline',
] as const
const NAMES = [...AS_SETTINGS, 'server', 'apiKey', 'onProgress', 'signal']
/** An engine of this program has them; a server has its own. */
const NOT_WITH_SERVER = AS_SETTINGS.filter((name) => name !== 'offline')

/** @throws FlocapError `invalid_setting` naming the option at fault. */
export function toSettings(options: CaptionerOptions): Settings {
  assertOptionNames(options, NAMES, 'invalid_setting')
  const { apiKey, server } = options
  const given = Object.fromEntries(
    AS_SETTINGS.flatMap((name) =>
      options[name] === undefined ? [] : [[name, String(options[name])]],
    ),
  )
  const mistaken = NOT_WITH_SERVER.find((name) => server !== undefined && name in given)
  if (mistaken !== undefined) {
    throw new FlocapError('invalid_setting', `${mistaken} is a matter of the server.`, {
      subject: mistaken,
      hint: `Leave ${mistaken} or server out.`,
    })
  }
  if (server !== undefined) assertAddress(server)
  const flags: Flags = { ...given, ...(apiKey === undefined ? {} : { apiKey }) }
  // oxlint-disable-next-line node/no-process-env -- the library is started by a program, as the command is by a shell
  return resolveSettings(flags, process.env, (name) => name)
}

function assertAddress(server: unknown): void {
  const text = String(server)
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return
  throw new FlocapError('invalid_setting', `Expected a URL for server, got ${showValue(text)}.`, {
    subject: 'server',
    hint: 'Such as http://127.0.0.1:5000.',
  })
}
