// No request may keep the others waiting: bodies made to take long, in every dialect, and how long the
// event loop stands still meanwhile.
import { expect, it } from 'vitest'
import { createTestApp } from '../../support/http-app.ts'
import { longestHold } from '../../support/longest-hold.ts'
import {
  DEGENERATE_BODIES,
  type DegenerateBody,
  describeBody,
  streamBody,
} from '../support/degenerate.ts'
import { verifies } from '../support/requirements.ts'

/** What nobody notices. */
const MAX_HOLD_MS = 50

/** A collection of garbage comes now and then; a slow parser is slow each time. */
const ATTEMPTS = 3

/** Every so many of the hundreds of bodies; `FLOCAP_DEGENERATE_STRIDE=1` sends all, for a quarter of an hour. */
const STRIDE = Number(process.env['FLOCAP_DEGENERATE_STRIDE'] ?? 29)

const app = createTestApp()

async function send(body: DegenerateBody): Promise<Response> {
  return app.request(`http://127.0.0.1${body.path}`, {
    method: 'POST',
    body: streamBody(body),
    duplex: 'half',
    ...(body.type === '' ? {} : { headers: { 'content-type': body.type } }),
  })
}

it(`holds nobody up for long, whatever the body ${verifies('TRAP-26')}`, async () => {
  const slow: string[] = []
  const unanswered: string[] = []
  for (let index = 0; index < DEGENERATE_BODIES.length; index += STRIDE) {
    const body = DEGENERATE_BODIES[index]!
    let hold = Infinity
    for (let attempt = 0; attempt < ATTEMPTS && hold > MAX_HOLD_MS; attempt += 1) {
      const inThisOne = await longestHold(async () => {
        const response = await send(body)
        await response.arrayBuffer()
        if (response.status >= 500) unanswered.push(`${describeBody(body)}: ${response.status}`)
      })
      hold = Math.min(hold, inThisOne)
    }
    if (hold > MAX_HOLD_MS) slow.push(`${describeBody(body)}: ${Math.round(hold)} ms`)
  }
  expect({ slow, unanswered }).toEqual({ slow: [], unanswered: [] })
}, 1_200_000)
