// The model store as the settings describe it, and what to say when its folder cannot be used.
import { FlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { ProxySettings } from '../base/proxies.ts'
import type { Settings } from '../config/settings.ts'
import { systemCode, toDiskError } from '../base/system-errors.ts'
import { createProxyFetch } from './proxy-fetch.ts'
import { createModelStore, type ModelStore } from '../store/store.ts'

/** What the file system says when a folder cannot be made or written where the user wants it. */
const UNUSABLE = new Set(['EACCES', 'EPERM', 'ENOTDIR', 'EEXIST', 'ENOENT', 'ENAMETOOLONG'])

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
  const failure = toDiskError(error, {
    what: 'Writing to the cache folder',
    path: home,
    hint: "'flocap models prune' may help; --home names another folder.",
  })
  const code = systemCode(failure) ?? ''
  if (!UNUSABLE.has(code)) return failure
  return new FlocapError('invalid_setting', `The cache folder ${home} cannot be used (${code}).`, {
    subject: home,
    hint: 'Look at its rights, or give another folder with --home or FLOCAP_HOME.',
    cause: error,
  })
}
