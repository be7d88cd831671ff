// Wherever an error is logged, its message, code and stack are in the line: an operator has nothing
// else to go by.
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createFakeCaptioner } from '../../test/support/fake-captioner.ts'
import { createTestApp, post } from '../../test/support/http-app.ts'
import { PNG_BASE64 } from '../../test/support/pictures.ts'
import { FlocapError, toFlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { fromWireError, toWireError } from '../engine/protocol.ts'
import { logFailure } from '../http/log-failure.ts'
import { createLogger } from './log.ts'

const Line = z.looseObject({ level: z.number(), msg: z.string() })

function recordLines(form: 'json' | 'text' = 'json'): { logger: Logger; written: string[] } {
  const written: string[] = []
  const output = { write: (line: string) => void written.push(line) }
  return { logger: createLogger({ level: 'debug', form, output }), written }
}

function failedRead(): Error {
  const cause = Object.assign(new Error('the disk is on fire'), { code: 'EIO' })
  return new TypeError('cannot read the model', { cause })
}

/** The line with the level of an error or a warning. */
function failureIn(written: readonly string[]): z.infer<typeof Line> | undefined {
  return written.map((line) => Line.parse(JSON.parse(line))).find(({ level }) => level >= 40)
}

const WHOLE = {
  message: 'cannot read the model',
  stack: expect.stringContaining('failedRead'),
  cause: {
    message: 'the disk is on fire',
    code: 'EIO',
    stack: expect.stringContaining('failedRead'),
  },
}

describe('the log', () => {
  it.each(['err', 'error', 'cause', 'reason', 'anything'])(
    'writes an error under the key %s whole',
    (key) => {
      const { logger, written } = recordLines()
      logger.error({ [key]: failedRead() }, 'failed')
      expect(failureIn(written)).toMatchObject({ [key]: WHOLE })
    },
  )

  it('writes the fields of a child too', () => {
    const { logger, written } = recordLines()
    logger.child({ part: 'store' }).warn({ failures: [failedRead()] }, 'failed')
    expect(failureIn(written)).toMatchObject({ part: 'store', failures: [WHOLE] })
  })

  it('shows a person the stacks of a fault and of its causes', () => {
    const { logger, written } = recordLines('text')
    logger.error({ err: failedRead() }, 'failed')
    expect(written.join('')).toMatch(
      /cannot read the model[^]*caused by Error: the disk is on fire/,
    )
  })

  it('has the whole of a fault behind an answer of status 500', async () => {
    const { logger, written } = recordLines()
    const app = createTestApp({ logger, captioner: createFakeCaptioner({ error: failedRead() }) })
    expect((await app.request('/api/caption', post({ image: PNG_BASE64 }))).status).toBe(500)
    expect(failureIn(written)).toMatchObject({
      level: 50,
      path: '/api/caption',
      err: { code: 'internal_error', stack: expect.any(String), cause: WHOLE },
    })
  })

  it('has the whole of a fault that ends a stream', async () => {
    const { logger, written } = recordLines()
    const captioner = createFakeCaptioner({ errorAfterText: failedRead() })
    const app = createTestApp({ logger, captioner })
    const body = { model: 'm', images: [PNG_BASE64], prompt: 'Describe it.', stream: true }
    await (await app.request('/api/generate', post(body))).text()
    expect(failureIn(written)).toMatchObject({ level: 50, err: { cause: WHOLE } })
  })

  it('has the cause of a mistake of a caller', () => {
    const { logger, written } = recordLines()
    const error = new FlocapError('invalid_image', 'It is damaged.', { cause: failedRead() })
    logFailure(logger, error)
    expect(failureIn(written)).toMatchObject({ level: 40, code: 'invalid_image', cause: WHOLE })
  })

  it('has the whole of a fault of the engine, which comes from another process', () => {
    const { logger, written } = recordLines()
    const sent = structuredClone(toWireError(toFlocapError(failedRead())))
    logFailure(logger, fromWireError(sent))
    expect(failureIn(written)).toMatchObject({ err: { code: 'internal_error', cause: WHOLE } })
  })
})
