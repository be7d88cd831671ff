// Where images may be fetched from, as the user of the server listed it.
//
// Entries are `*` for every public host, or a host with or without a port: `images.example.com`,
// `nas.lan:8080`, `192.168.1.20`, `[fd00::20]:8000`. A host that is listed may be of the private
// network: naming it is the permission.
import { FlocapError } from '../../base/errors.ts'

export interface AllowedImageHosts {
  /** Every public host, on the ports of its schemes. */
  readonly any: boolean
  /** Names and addresses as URLs write them, each with its ports; `default` is that of the scheme. */
  readonly listed: ReadonlyMap<string, ReadonlySet<number | 'default'>>
}

export const NO_IMAGE_HOSTS: AllowedImageHosts = { any: false, listed: new Map() }

/** Whether any image is fetched at all. */
export function fetchesImages({ any, listed }: AllowedImageHosts): boolean {
  return any || listed.size > 0
}

const ENTRY = /^(?:\[[0-9A-Fa-f:.]+\]|[^\s:/?#@*\\[\]]+)(?::(\d{1,5}))?$/

/** @throws FlocapError invalid_setting naming the entry that is no host. */
export function parseImageHosts(entries: readonly string[]): AllowedImageHosts {
  const listed = new Map<string, Set<number | 'default'>>()
  for (const entry of entries.filter((each) => each !== '*')) {
    const { host, port } = parseEntry(entry)
    listed.set(host, (listed.get(host) ?? new Set()).add(port))
  }
  return { any: entries.includes('*'), listed }
}

/** How far a URL may reach; undefined for one that may not be fetched. */
export function reachOf(
  { any, listed }: AllowedImageHosts,
  { hostname, protocol, port }: URL,
): 'public' | 'listed' | undefined {
  const ports = listed.get(withoutDot(hostname))
  // URLs leave out the port of their scheme.
  const isDefault = port === ''
  const number = isDefault ? DEFAULT_PORTS[protocol] : Number(port)
  if (ports !== undefined && isDefault && ports.has('default')) return 'listed'
  if (ports !== undefined && number !== undefined && ports.has(number)) return 'listed'
  return any && isDefault ? 'public' : undefined
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }

function parseEntry(entry: string): { host: string; port: number | 'default' } {
  const match = ENTRY.exec(entry)
  const port = match?.[1] === undefined ? ('default' as const) : Number(match[1])
  const text = `http://${port === 'default' ? entry : entry.slice(0, entry.lastIndexOf(':'))}`
  const isPort = port === 'default' || (port >= 1 && port <= 65_535)
  if (match === null || !isPort || !URL.canParse(text)) {
    throw new FlocapError(
      'invalid_setting',
      `--allow-image-urls has '${entry}', which is no host.`,
      {
        hint: 'Write hosts with commas between, each with or without a port: nas.lan:8080,*',
        subject: '--allow-image-urls',
      },
    )
  }
  return { host: withoutDot(new URL(text).hostname), port }
}

/** A name with a dot at its end is the same name. */
function withoutDot(hostname: string): string {
  return hostname.replace(/\.$/, '')
}
