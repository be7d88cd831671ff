// `flocap serve` for a network: who needs a key, what the banner says, how it ends.
import { readFileSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askCaption, childrenOf, readMetrics, SCENES } from '../support/ask-server.ts'
import { killEngines } from '../support/kill-engines.ts'
import { type RunningServer, startServer, startServerForTest } from '../support/program.ts'
import { createFolder, removeFolder, temporaryFolder } from '../support/temporary-folder.ts'

/** An address of this machine that other machines would use. */
const address = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

/** A process that has ended and that nobody has asked about yet has the state Z. Linux only. */
const isAlive = (pid: number): boolean => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

describe('flocap serve --listen', () => {
  const home = createFolder()
  let server: RunningServer
  let key: string

  beforeAll(async () => {
    server = await startServer(['--listen'], { environment: { FLOCAP_HOME: home } })
    key = /flocap-[\w-]{32}/.exec(server.stderr())?.[0] ?? ''
  })
  afterAll(async () => {
    await server.stop('SIGKILL')
    removeFolder(home)
  })

  it('prints the key that it keeps, and the address to use it with', () => {
    expect(key).toBe(readFileSync(join(home, 'api-key'), 'utf8').trim())
    const port = new URL(server.url).port
    expect(server.stderr()).toContain(`Bearer ${key}" http://${address ?? hostname()}:${port}/v1`)
  })

  it('asks programs of this machine for no key', async () => {
    expect((await fetch(`${server.url}/v1/models`)).status).toBe(200)
  })

  it.skipIf(address === undefined)('asks whoever comes by the network for the key', async () => {
    const url = `http://${address}:${new URL(server.url).port}/v1/models`
    const ask = async (authorization: string): Promise<number> =>
      (await fetch(url, { headers: { authorization } })).status
    expect((await fetch(url)).status).toBe(401)
    expect(await ask(`Bearer ${key}x`)).toBe(401)
    expect(await ask(`Bearer ${key}`)).toBe(200)
  })
})

describe('a served engine', () => {
  it.runIf(process.platform === 'linux')(
    'may be killed and may hang: no answer is lost and none is wrong',
    async () => {
      const server = await startServerForTest(['--answer-cache-mb', '0', '--engine-timeout', '4'], {
        environment: { FLOCAP_HOME: temporaryFolder() },
      })
      await server.printed('Ready')
      const result = await killEngines(server, 5)
      expect(result).toMatchObject({ lost: [], wrong: 0 })
      expect(result.restarts).toBeGreaterThanOrEqual(5)
    },
  )

  it('shows in /metrics what it did', async () => {
    const server = await startServerForTest([], { environment: { FLOCAP_HOME: temporaryFolder() } })
    await server.printed('Ready')
    for (const _ of [1, 2]) expect((await askCaption(server.url, SCENES[0]!)).status).toBe(200)
    const metrics = await readMetrics(server.url)
    expect(metrics.get('flocap_cache_hits_total')).toBe(1)
    expect(metrics.get('flocap_queue_wait_seconds_count{priority="interactive"}')).toBe(1)
    expect(metrics.get('flocap_stage_duration_seconds_count{stage="vision"}')).toBe(1)
    expect(metrics.get('flocap_engine_restarts_total{cause="died"}')).toBe(0)
    expect(metrics.get('flocap_server_resident_bytes')).toBeGreaterThan(1e7)
  })
})

// Windows has no signals: there the console ends both processes.
describe.skipIf(process.platform !== 'linux')('signals', () => {
  const start = async (): Promise<{ server: RunningServer; engines: number[] }> => {
    const server = await startServerForTest(['--answer-cache-mb', '0'], {
      environment: { FLOCAP_HOME: temporaryFolder() },
    })
    await server.printed('Ready')
    return { server, engines: childrenOf(server.child.pid!) }
  }

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '%s lets a caption finish, ends the engine, and exits with 0',
    async (signal) => {
      const { server, engines } = await start()
      const caption = askCaption(server.url, SCENES[3]!)
      await expect
        .poll(async () => (await readMetrics(server.url)).get('flocap_running'), { interval: 5 })
        .toBe(1)
      const code = server.stop(signal)
      expect((await caption).status).toBe(200)
      expect(await code).toBe(0)
      expect(engines).toHaveLength(1)
      await expect.poll(() => engines.filter(isAlive)).toEqual([])
    },
  )

  it('a second one exits at once and takes a hung engine along', async () => {
    const { server, engines } = await start()
    for (const pid of engines) process.kill(pid, 'SIGSTOP')
    const caption = askCaption(server.url, SCENES[3]!)
    const failed = caption.catch((error: unknown) => error)
    await expect
      .poll(async () => (await readMetrics(server.url)).get('flocap_running'), { interval: 5 })
      .toBe(1)
    server.child.kill('SIGTERM')
    await server.printed('A second one stops at once')
    // Had it waited for the engine, it would have ended in order: with 0.
    expect(await server.stop('SIGTERM')).toBe(1)
    expect(await failed).toBeInstanceOf(Error)
    await expect.poll(() => engines.filter(isAlive)).toEqual([])
  })
})
