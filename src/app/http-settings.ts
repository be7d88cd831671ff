// From the settings that a user gives to those of the HTTP layer.
import { FlocapError, toFlocapError } from '../base/errors.ts'
import { findTask, type TaskId } from '../caption/tasks.ts'
import type { Settings } from '../config/settings.ts'
import { checkGuardSettings } from '../http/guards/check-settings.ts'
import { type AllowedImageHosts, parseImageHosts } from '../http/image-url/allowed-hosts.ts'
import type { ImageProxies } from '../http/image-url/fetch-image.ts'
import { DEFAULT_HTTP_SETTINGS, type HttpSettings } from '../http/settings.ts'
import type { Access } from './access.ts'
import { BYTES_PER_MB, MS_PER_SECOND } from './units.ts'

/** Bodies of the largest size at once; beyond that memory, not the model, is the bottleneck. */
const BODIES_AT_ONCE = 4

/** @throws FlocapError invalid_setting for a task that there is not, and for names and patterns that are none. */
export function toHttpSettings(
  settings: Settings,
  { apiKeys, keysForLoopback }: Access,
): HttpSettings {
  const maxBodyBytes = settings.maxBodyMb * BYTES_PER_MB
  const httpSettings: HttpSettings = {
    ...DEFAULT_HTTP_SETTINGS,
    defaultTask: toTask(settings.task),
    prompts: settings.prompts,
    unanswerable: settings.unanswerable,
    apiKeys,
    keysForLoopback,
    forwardedHeaders: settings.forwardedHeaders,
    trustedProxies: settings.trustProxy,
    allowedHosts: settings.allowedHosts,
    allowedOrigins: settings.allowedOrigins,
    manageModels: settings.manageModels,
    imageHosts: toImageHosts(settings),
    imageProxies: toImageProxies(settings),
    privateNetwork: settings.listen,
    maxBodyBytes,
    maxPendingBodyBytes: BODIES_AT_ONCE * maxBodyBytes,
    maxImages: settings.maxImages,
    drainMs: settings.drain * MS_PER_SECOND,
  }
  checkGuardSettings(httpSettings)
  return httpSettings
}

function toTask(name: string): TaskId {
  try {
    return findTask(name)
  } catch (error) {
    const { message, hint } = toFlocapError(error)
    throw new FlocapError('invalid_setting', `--task: ${message}`, {
      subject: '--task',
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    })
  }
}

/** Of a server that is not on the network: what pictures may be, and from where. */
export function toLocalSettings(settings: Settings): HttpSettings {
  return toHttpSettings(settings, { apiKeys: [], keysForLoopback: false })
}

function toImageHosts({ allowImageUrls, offline }: Settings): AllowedImageHosts {
  if (offline && allowImageUrls.length > 0) {
    throw new FlocapError(
      'invalid_setting',
      '--offline forbids every fetch, and --allow-image-urls asks for some.',
      { subject: '--allow-image-urls', hint: 'Leave one of them out.' },
    )
  }
  return parseImageHosts(allowImageUrls)
}

export function toImageProxies({
  httpsProxy,
  httpProxy,
  noProxy,
  proxyResolves,
}: Pick<Settings, keyof ImageProxies>): ImageProxies {
  return { httpsProxy, httpProxy, noProxy, proxyResolves }
}
