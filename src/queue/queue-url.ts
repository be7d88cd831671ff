// The address of a broker, as `--queue` takes it.
import { FlocapError } from '../base/errors.ts'

export interface QueueAddress {
  readonly broker: 'redis' | 'postgres'
  /** As the driver takes it: `redis:`, `rediss:` or `postgres:`. With its password: never show it. */
  readonly url: string
  /** For people: without user and password. */
  readonly shown: string
}

/** Valkey speaks Redis's protocol; its drivers know Redis's schemes. */
const BROKERS: Readonly<Record<string, { broker: QueueAddress['broker']; scheme: string }>> = {
  'redis:': { broker: 'redis', scheme: 'redis:' },
  'rediss:': { broker: 'redis', scheme: 'rediss:' },
  'valkey:': { broker: 'redis', scheme: 'redis:' },
  'valkeys:': { broker: 'redis', scheme: 'rediss:' },
  'postgres:': { broker: 'postgres', scheme: 'postgres:' },
  'postgresql:': { broker: 'postgres', scheme: 'postgres:' },
}

/** @throws FlocapError `invalid_setting` */
export function parseQueueUrl(text: string): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : null
  const known = url === null ? undefined : BROKERS[url.protocol]
  if (url === null || known === undefined || url.hostname === '') {
    const got = url === null ? 'which is no URL' : `${url.protocol}//${url.host}`
    throw new FlocapError(
      'invalid_setting',
      `Expected a URL such as redis://host:6379 or postgres://user:password@host/database for --queue, got ${got}.`,
      { subject: '--queue', hint: `It begins with one of ${Object.keys(BROKERS).join(', ')}//.` },
    )
  }
  return {
    broker: known.broker,
    url: known.scheme + text.slice(url.protocol.length),
    shown: `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`,
  }
}
