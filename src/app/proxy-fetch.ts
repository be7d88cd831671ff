// A fetch that goes through the proxy of the environment. Node's own does so from 22.21 and 24 on, and
// only where NODE_USE_ENV_PROXY was set before the start; undici's agents do on every version.
import { type ProxySettings, proxyFor } from '../base/proxies.ts'
import type { HubFetch } from '../store/hub-request.ts'

/** @returns undefined where there is no proxy: Node's own fetch will do, and undici is not loaded. */
export function createProxyFetch(settings: ProxySettings): HubFetch | undefined {
  if (settings.httpsProxy === '' && settings.httpProxy === '') return undefined
  let loading: Promise<HubFetch> | undefined
  return async (address, init) => {
    loading ??= loadProxyFetch(settings)
    return (await loading)(address, init)
  }
}

async function loadProxyFetch(settings: ProxySettings): Promise<HubFetch> {
  const { Agent, ProxyAgent, fetch } = await import('undici')
  const direct = new Agent()
  const agents = new Map<string, InstanceType<typeof ProxyAgent>>()

  const agentFor = (address: URL): InstanceType<typeof Agent | typeof ProxyAgent> => {
    const proxy = proxyFor(address, settings)
    if (proxy === undefined) return direct
    const { href } = proxy.url
    const agent = agents.get(href) ?? new ProxyAgent(href)
    agents.set(href, agent)
    return agent
  }
  return async (address, { headers, ...init }) =>
    fetch(address, { ...init, headers: [...headers], dispatcher: agentFor(address) })
}
