// The settings of files and batches: how much may be kept, and who is told.
import { parseInteger, parseWebAddress } from './parse-values.ts'
import type { SettingKind } from './settings.ts'

export interface BatchSettings {
  /** Of each key; 0 for none at all. */
  readonly batchStorageMb: number
  readonly batchFileMb: number
  readonly batchLines: number
  /** Empty for none. */
  readonly batchWebhook: string
  /** Where the lines of batches are answered: the URL of a broker; empty for here. */
  readonly queue: string
}

export type BatchName = keyof BatchSettings

/** OpenAI's 200 MB hold some 700 photos as base64; this is some 7,000. */
const DEFAULT_FILE_MB = 2048
/** Five such files. */
const DEFAULT_STORAGE_MB = 10_240
/** OpenAI takes 50,000 lines. */
const DEFAULT_LINES = 1_000_000
/** Far above any disk: a typing error is more likely. */
const MAX_MB = 1024 * 1024 * 1024
/** What is done is a bit a line; ids of lines end here. */
const MAX_LINES = 100_000_000

/** Spread into the table of settings.ts. */
export const BATCH_SETTINGS: { readonly [Name in BatchName]: SettingKind<BatchSettings[Name]> } = {
  batchStorageMb: {
    environment: 'FLOCAP_BATCH_STORAGE_MB',
    placeholder: 'megabytes',
    default: DEFAULT_STORAGE_MB,
    description:
      'Maximum size of the files that each API key keeps; 0 turns files and batches off.',
    parse: (text) => parseInteger(text, 0, MAX_MB),
  },
  batchFileMb: {
    environment: 'FLOCAP_BATCH_FILE_MB',
    placeholder: 'megabytes',
    default: DEFAULT_FILE_MB,
    description: 'Maximum size of one uploaded file.',
    parse: (text) => parseInteger(text, 1, MAX_MB),
  },
  batchLines: {
    environment: 'FLOCAP_BATCH_LINES',
    placeholder: 'number',
    default: DEFAULT_LINES,
    description: 'Maximum number of requests in one batch.',
    parse: (text) => parseInteger(text, 1, MAX_LINES),
  },
  batchWebhook: {
    environment: 'FLOCAP_BATCH_WEBHOOK',
    placeholder: 'url',
    default: '',
    description:
      'Address that is told when a batch has ended, signed with FLOCAP_BATCH_WEBHOOK_SECRET.',
    parse: parseWebAddress,
  },
  queue: {
    environment: 'FLOCAP_QUEUE',
    placeholder: 'url',
    default: '',
    description:
      'Broker that hands lines of batches to workers, such as redis://host:6379 or postgres://user@host/database; with a password better in FLOCAP_QUEUE.',
    parse: (text) => text,
  },
}

/** In the order of the table. */
export const BATCH_NAMES: readonly BatchName[] = Object.keys(BATCH_SETTINGS).filter(
  (name): name is BatchName => name in BATCH_SETTINGS,
)
