// Lanes of a queue for tests on one broker.
import type { Lane } from '../../src/queue/ports.ts'

let lanes = 0

/** Tests do not see each other's jobs. */
export function newLane(): Lane {
  return { model: 'test', fingerprint: `${lanes++}`.padStart(64, '0'), kernels: 'cpu-test' }
}
