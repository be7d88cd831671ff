// Real brokers for tests: Debian's Redis and PostgreSQL, each on a port and in a folder of its own. Where one
// is not installed, its tests are skipped and their titles say why.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import pg from 'pg'
import { createFolder, removeFolder } from './temporary-folder.ts'
import { freePort } from './free-port.ts'

export interface TestBroker {
  readonly url: string
  readonly port: number
  /** @param how SIGKILL by default: as a machine that loses its power */
  stop(how?: NodeJS.Signals): Promise<void>
  /** On the same port, with what its disk holds. */
  start(): Promise<void>
  /** Ends it and removes what it wrote. */
  remove(): Promise<void>
}

export interface BrokerKind {
  readonly name: string
  /** Undefined where it can be started. */
  readonly missing: string | undefined
  /** @param keeps whether it writes what it is told to its disk at once */
  readonly create: (keeps?: boolean) => Promise<TestBroker>
}

const REDIS = ['/usr/bin/redis-server', '/usr/bin/valkey-server'].find((path) => existsSync(path))
const POSTGRES_VERSIONS = '/usr/lib/postgresql'
const POSTGRES = existsSync(POSTGRES_VERSIONS)
  ? readdirSync(POSTGRES_VERSIONS)
      .map((version) => join(POSTGRES_VERSIONS, version, 'bin'))
      .findLast((folder) => existsSync(join(folder, 'postgres')))
  : undefined

export const BROKERS: readonly BrokerKind[] = [
  {
    name: 'Redis',
    missing:
      REDIS === undefined ? 'redis-server is not installed: apt install redis-server' : undefined,
    create: createRedis,
  },
  {
    name: 'PostgreSQL',
    missing:
      POSTGRES === undefined ? 'PostgreSQL is not installed: apt install postgresql' : undefined,
    create: createPostgres,
  },
]

async function createRedis(keeps = true): Promise<TestBroker> {
  const folder = createFolder()
  const port = await freePort()
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  const log = keeps ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']
  return await running(`redis://127.0.0.1:${port}`, port, folder, askRedis, () =>
    spawn(REDIS ?? '', [...args, ...log], { stdio: 'ignore' }),
  )
}

async function createPostgres(): Promise<TestBroker> {
  const folder = createFolder()
  const port = await freePort()
  const user = postgresUser()
  if (user !== undefined) {
    chownSync(folder, user.uid, user.gid)
    chmodSync(folder, 0o700)
  }
  const at = join(POSTGRES ?? '', 'initdb')
  execFileSync(at, ['-D', folder, '-U', 'flocap', '--auth=trust', '--no-sync', '-E', 'UTF8'], {
    stdio: 'ignore',
    cwd: '/',
    ...user,
  })
  const args = ['-D', folder, '-p', `${port}`, '-c', 'listen_addresses=127.0.0.1']
  return await running(
    `postgres://flocap@127.0.0.1:${port}/postgres`,
    port,
    folder,
    askPostgres,
    () =>
      spawn(join(POSTGRES ?? '', 'postgres'), [...args, '-c', 'unix_socket_directories='], {
        stdio: 'ignore',
        cwd: '/',
        ...user,
      }),
  )
}

/** PostgreSQL refuses to run as root, as whom CI runs. */
function postgresUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const entry = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'))
  return entry === null ? undefined : { uid: Number(entry[1]), gid: Number(entry[2]) }
}

async function running(
  url: string,
  port: number,
  folder: string,
  ask: (url: string) => Promise<void>,
  spawnServer: () => ChildProcess,
): Promise<TestBroker> {
  let server: ChildProcess | undefined

  async function start(): Promise<void> {
    server = spawnServer()
    await untilAnswering(() => ask(url))
  }

  async function stop(how: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (server === undefined || server.exitCode !== null) return
    const ended = once(server, 'exit')
    server.kill(how)
    await ended
    server = undefined
  }

  await start()
  return {
    url,
    port,
    start,
    stop,
    async remove() {
      await stop()
      removeFolder(folder)
    },
  }
}

const START_MS = 30_000

/** PostgreSQL listens before it answers. */
async function untilAnswering(ask: () => Promise<unknown>): Promise<void> {
  const end = Date.now() + START_MS
  for (;;) {
    try {
      await ask()
      return
    } catch (error) {
      if (Date.now() > end) throw error
      await sleep(50)
    }
  }
}

async function askRedis(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  redis.on('error', () => undefined)
  try {
    await redis.ping()
  } finally {
    redis.disconnect()
  }
}

async function askPostgres(url: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await client.end()
}
