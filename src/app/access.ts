// Which keys a server asks for. Whoever opens FloCap to the network without naming one gets one
// made: a captioner that anybody may use is a mistake more often than a wish.
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FlocapError } from '../base/errors.ts'
import type { Settings } from '../config/settings.ts'

/** Under the home folder. */
const KEY_FILE = 'api-key'
/** Nobody but the user may read it. */
const KEY_FILE_MODE = 0o600
/** 192 bits: no guessing, and 32 characters to copy. */
const KEY_BYTES = 24
/** Marks text as a key of FloCap, for people and for scanners of secrets. */
const KEY_PREFIX = 'flocap-'

export interface Access {
  readonly apiKeys: readonly string[]
  readonly keysForLoopback: boolean
  /** The key that FloCap made, to be shown to who started it. */
  readonly madeKey?: string
  /** Other machines need no key. */
  readonly unguarded?: true
}

type AccessSettings = Pick<Settings, 'listen' | 'apiKey' | 'apiKeyFile' | 'insecureNoAuth' | 'home'>

/** @throws FlocapError invalid_setting when keys cannot be read or kept. */
export function resolveAccess(settings: AccessSettings): Access {
  const { listen, apiKey, apiKeyFile, insecureNoAuth, home } = settings
  const given = [...apiKey, ...(apiKeyFile === '' ? [] : readKeys(apiKeyFile))]
  if (given.length > 0) return { apiKeys: given, keysForLoopback: true }
  if (!listen) return { apiKeys: [], keysForLoopback: true }
  if (insecureNoAuth) return { apiKeys: [], keysForLoopback: true, unguarded: true }
  const madeKey = keepKey(home)
  return { apiKeys: [madeKey], keysForLoopback: false, madeKey }
}

/** One a line; lines that begin with # are comments. */
function readKeys(file: string): readonly string[] {
  const keys = readFile(file)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  if (keys.length > 0) return keys
  throw new FlocapError(
    'invalid_setting',
    `--api-key-file must hold a key, but ${file} has none.`,
    {
      subject: '--api-key-file',
      hint: 'Write one key a line.',
    },
  )
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new FlocapError('invalid_setting', `The file of API keys ${file} cannot be read.`, {
      subject: '--api-key-file',
      hint: 'Check that it exists and that this user may read it.',
      cause,
    })
  }
}

/** The key of earlier starts, or a new one that later starts will find. */
function keepKey(home: string): string {
  const file = join(home, KEY_FILE)
  try {
    mkdirSync(home, { recursive: true })
    const key = KEY_PREFIX + randomBytes(KEY_BYTES).toString('base64url')
    try {
      // Fails where there is one, made before or by another server at this moment.
      writeFileSync(file, `${key}\n`, { flag: 'wx', mode: KEY_FILE_MODE })
      return key
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      chmodSync(file, KEY_FILE_MODE)
      const [kept] = readKeys(file)
      return kept ?? key
    }
  } catch (cause) {
    if (cause instanceof FlocapError) throw cause
    throw new FlocapError('invalid_setting', `The API key cannot be kept in ${file}.`, {
      subject: '--home',
      hint: 'Choose a folder that this user may write with --home, or give a key with --api-key.',
      cause,
    })
  }
}
