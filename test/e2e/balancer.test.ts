// A short form of `npm run faults:balancer`: three servers behind Debian's HAProxy, with the
// configuration of deploy/. Skipped where HAProxy is not installed.
import { describe, expect, it, onTestFinished } from 'vitest'
import { HAS_HAPROXY } from '../support/haproxy.ts'
import { startReplicas } from '../support/replicas.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe.skipIf(!HAS_HAPROXY)('three servers behind HAProxy', () => {
  it('lose nothing when one is told to stop, and no small request when one is killed', async () => {
    const replicas = await startReplicas(temporaryFolder())
    onTestFinished(async () => replicas.stop())
    const batches = await fetch(`${replicas.balancer.url}/v1/batches`)
    expect(batches.status).toBe(404)
    expect(await batches.text()).toContain('kept by one server')
    const drained = await replicas.endInTurn(['drain', 'drain'])
    expect(drained).toMatchObject({
      lost: [],
      largeTold: 0,
      largeLost: [],
      streamsBroken: 0,
      streamsLost: [],
    })
    expect(drained.answers).toBeGreaterThan(0)
    expect(drained.streams).toBeGreaterThan(0)
    const killed = await replicas.endInTurn(['kill', 'kill'])
    expect(killed).toMatchObject({ lost: [], largeLost: [], streamsLost: [] })
  })
})
