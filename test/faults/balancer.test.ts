// Three servers behind HAProxy, of which twenty are killed or told to stop while 18 clients ask: what has
// not begun ends elsewhere, what is cut off says so, and a rolling restart loses nothing.
import { expect, it, onTestFinished } from 'vitest'
import { HAS_HAPROXY } from '../support/haproxy.ts'
import { type Ending, PLACES_OF_EACH, REPLICAS, startReplicas } from '../support/replicas.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { recordResult, share } from './record-result.ts'

it.skipIf(!HAS_HAPROXY)('loses nothing that it could send elsewhere', async () => {
  const replicas = await startReplicas(temporaryFolder())
  onTestFinished(async () => replicas.stop())
  const rounds = share(10)
  const endings = Array.from({ length: rounds }, (): Ending[] => ['kill', 'drain']).flat()
  const chaos = await replicas.endInTurn(endings)
  const rolling = await replicas.endInTurn(Array.from({ length: REPLICAS }, () => 'drain'))
  recordResult({
    name: 'balancer',
    done: `${rounds} times SIGKILL and ${rounds} times SIGTERM to one of ${REPLICAS} servers behind HAProxy under 18 clients, then a rolling restart`,
    numbers: {
      'answers of requests that HAProxy keeps': chaos.answers,
      lost: chaos.lost.length,
      'requests of 2 MiB told by 502': chaos.largeTold,
      'lost otherwise': chaos.largeLost.length,
      streams: chaos.streams,
      'cut off with an error': chaos.streamsBroken,
      'cut off in silence': chaos.streamsLost.length,
      'sent elsewhere': chaos.redispatched,
      'rolling restart: answers and streams': rolling.answers + rolling.streams,
      'rolling restart: lost':
        rolling.lost.length +
        rolling.largeTold +
        rolling.largeLost.length +
        rolling.streamsBroken +
        rolling.streamsLost.length,
    },
  })
  expect(chaos).toMatchObject({ lost: [], largeLost: [], streamsLost: [] })
  // No more than the servers that were killed had begun.
  expect(chaos.largeTold + chaos.streamsBroken).toBeLessThanOrEqual(rounds * PLACES_OF_EACH)
  expect(rolling).toMatchObject({
    lost: [],
    largeTold: 0,
    largeLost: [],
    streamsBroken: 0,
    streamsLost: [],
  })
})
