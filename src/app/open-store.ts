// The model store as the settings describe it, and what to say when its folder cannot be used.
import { FlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { Settings } from '../config/settings.ts'
import { systemCode } from '../base/system-errors.ts'
import { createProxyFetch, type ProxySettings } from './proxy-fetch.ts'
import { createModelStore, type ModelStore } from '../store/store.ts'

/** What the file system says when a folder cannot be made or written where the user wants it. */
const UNUSABLE = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EEXIST',
  'ENOENT',
  'ENAMETOOLONG',
])
const FULL = new Set(['ENOSPC', 'EDQUOT'])

/** @throws FlocapError `invalid_setting` for an endpoint or token that cannot be used. */
export function openStore(
  settings: Pick<Settings, 'home' | 'offline' | 'hubEndpoint' | 'hubToken'> & ProxySettings,
  logger: Logger,
): ModelStore {
  return createModelStore({
    root: settings.home,
    offline: settings.offline,
    hub: {
      endpoint: settings.hubEndpoint,
      token: settings.hubToken,
      fetch: createProxyFetch(settings),
    },
    logger,
  })
}

/** A failed write below the cache folder as an error with a cure; any other error as it is. */
export function toHomeError(error: unknown, home: string): unknown {
  const code = systemCode(error) ?? ''
  if (FULL.has(code)) {
    return new FlocapError('disk_full', 'The disk of the cache folder is full.', {
      subject: home,
      hint: `Free some space in ${home} ('flocap models prune' may help), or give another folder with --home.`,
      cause: error,
    })
  }
  if (!UNUSABLE.has(code)) return error
  return new FlocapError('invalid_setting', `The cache folder ${home} cannot be used (${code}).`, {
    subject: home,
    hint: 'Look at its rights, or give another folder with --home or FLOCAP_HOME.',
    cause: error,
  })
}
