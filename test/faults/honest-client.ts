// One client that asks as all do, beside whatever else goes on.
import { expect } from 'vitest'
import { askCaption, SCENES } from '../support/ask-server.ts'
import { percentile } from './record-result.ts'

const ROUNDS = 25

/** How much longer it may take beside an attack. */
const MAX_RATIO = 2

/** /health takes some milliseconds, which a busy core doubles without anybody's fault. */
const HEALTH_FLOOR_MS = 50

/** Median times in milliseconds. */
export interface Honest {
  readonly health: number
  readonly caption: number
}

/** Comes anew, with a connection of its own, for each request; each is answered with 200. */
export async function askAsHonest(url: string): Promise<Honest> {
  const health: number[] = []
  const caption: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    let began = performance.now()
    const response = await fetch(`${url}/health`, { headers: { connection: 'close' } })
    expect(response.status).toBe(200)
    await response.arrayBuffer()
    health.push(performance.now() - began)
    began = performance.now()
    const answer = await askCaption(url, SCENES[round % SCENES.length]!, {
      query: 'task=caption&num_beams=1',
    })
    expect(answer.status).toBe(200)
    caption.push(performance.now() - began)
  }
  return { health: percentile(health, 0.5), caption: percentile(caption, 0.5) }
}

/** A number below `limit`, for comparisons of whole objects. */
export function lessThan(limit: number): unknown {
  return expect.toSatisfy((value: number) => value <= limit, `less than ${limit}`)
}

/** Times that an attack may not exceed. @param peace the same client's times without one */
export function servedAsIn(peace: Honest): Readonly<Record<keyof Honest, unknown>> {
  return {
    health: lessThan(Math.max(MAX_RATIO * peace.health, HEALTH_FLOOR_MS)),
    caption: lessThan(MAX_RATIO * peace.caption),
  }
}
