// A fetch that goes through the proxy of the environment. Node's own does so from 22.21 and 24 on, and
// only where NODE_USE_ENV_PROXY was set before the start; undici's agent does on every version.
import type { Settings } from '../config/settings.ts'
import type { HubFetch } from '../store/hub-request.ts'

export type ProxySettings = Pick<Settings, 'httpsProxy' | 'httpProxy' | 'noProxy'>

/** @returns undefined where there is no proxy: Node's own fetch will do, and undici is not loaded. */
export function createProxyFetch(settings: ProxySettings): HubFetch | undefined {
  if (settings.httpsProxy === '' && settings.httpProxy === '') return undefined
  let loading: Promise<HubFetch> | undefined
  return async (address, init) => {
    loading ??= loadProxyFetch(settings)
    return (await loading)(address, init)
  }
}

async function loadProxyFetch({
  httpsProxy,
  httpProxy,
  noProxy,
}: ProxySettings): Promise<HubFetch> {
  const { EnvHttpProxyAgent, fetch: proxied } = await import('undici')
  const dispatcher = new EnvHttpProxyAgent({
    ...(httpsProxy === '' ? {} : { httpsProxy }),
    ...(httpProxy === '' ? {} : { httpProxy }),
    noProxy,
  })
  return async (address, { headers, ...init }) =>
    proxied(address, { ...init, headers: [...headers], dispatcher })
}
