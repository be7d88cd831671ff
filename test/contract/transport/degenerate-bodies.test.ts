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

/** Every so many of the hundreds of bodies; `FLOCAP_DEGENERATE_STRIDE=1` sends all. */
const STRIDE = Number(process.env['FLOCAP_DEGENERATE_STRIDE'] ?? 29)

/** Of one path: some two hundred bodies, of which fifty are of 60 MB, on a busy machine. */
const TIMEOUT_MS = 1_200_000

const app = createTestApp()

async function send(body: DegenerateBody): Promise<Response> {
  return app.request(`http://127.0.0.1${body.path}`, {
    method: 'POST',
    body: streamBody(body),
    duplex: 'half',
    ...(body.type === '' ? {} : { headers: { 'content-type': body.type } }),
  })
}

const CHOSEN = DEGENERATE_BODIES.filter((_, index) => index % STRIDE === 0)
const PATHS = [...new Set(CHOSEN.map(({ path }) => path))]

it.each(PATHS)(
  `%s holds nobody up for long, whatever the body ${verifies('TRAP-26')}`,
  async (path) => {
    const slow: string[] = []
    const unanswered: string[] = []
    for (const body of CHOSEN.filter((each) => each.path === path)) {
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
  },
  TIMEOUT_MS,
)
