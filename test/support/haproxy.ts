// Debian's HAProxy with the configuration of deploy/, in front of servers of this machine.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, vi } from 'vitest'
import { readSamples } from './prometheus.ts'
import { portOf } from './port-of.ts'

const CONFIGURATION = fileURLToPath(new URL('../../deploy/haproxy.cfg', import.meta.url))
const SERVERS = /^( +)server-template flocap 32 \S+(.*)$/gm

/** Of machines with other work; a wait ends as soon as it can. */
const PATIENCE = { timeout: 60_000, interval: 100 }

/** Whether this machine has it. */
export const HAS_HAPROXY = spawnSync('haproxy', ['-v']).status === 0

export interface Balancer {
  readonly url: string
  /** The values of HAProxy's own metrics that have all these labels, added up. */
  sum(name: string, labels?: Readonly<Record<string, string>>): Promise<number>
  /** Resolves when HAProxy sends pictures to the server with this number, from 1. */
  isUp(server: number): Promise<void>
  stop(): Promise<void>
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = portOf(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** @param ports of the servers; @param folder for the configuration as it is run */
export async function startHaproxy(ports: readonly number[], folder: string): Promise<Balancer> {
  const template = readFileSync(CONFIGURATION, 'utf8')
  expect(template.match(SERVERS)).toHaveLength(2)
  const configuration = template.replaceAll(SERVERS, (_, indent: string, rest: string) =>
    ports
      .map((port, index) => `${indent}server flocap${index + 1} 127.0.0.1:${port}${rest}`)
      .join('\n'),
  )
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(file, configuration)
  const [clients, stats] = [await freePort(), await freePort()]
  const child = spawn('haproxy', ['-f', file, '-db'], {
    env: {
      ...process.env,
      FLOCAP_BIND: `127.0.0.1:${clients}`,
      FLOCAP_STATS: `127.0.0.1:${stats}`,
    },
    stdio: ['ignore', 'ignore', openSync(join(folder, 'haproxy.log'), 'w')],
  })
  const samples = async () =>
    readSamples(await (await fetch(`http://127.0.0.1:${stats}/metrics`)).text())
  const sum: Balancer['sum'] = async (name, labels = {}) =>
    (await samples())
      .filter(
        (sample) =>
          sample.name === name &&
          Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      )
      .reduce((total, { value }) => total + value, 0)
  await vi.waitFor(samples, PATIENCE)
  return {
    url: `http://127.0.0.1:${clients}`,
    sum,
    async isUp(server) {
      const labels = { proxy: 'captions', server: `flocap${server}`, state: 'UP' }
      await vi.waitFor(
        async () => expect(await sum('haproxy_server_status', labels)).toBe(1),
        PATIENCE,
      )
    },
    stop: async () => end(child),
  }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('close', resolve))
  if (child.exitCode !== null) return
  child.kill('SIGKILL')
  await ended
}
