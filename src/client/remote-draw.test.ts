import { describe, expect, it, onTestFinished } from 'vitest'
import { caughtError } from '../../test/support/caught-error.ts'
import { startTestServer } from '../../test/support/http-app.ts'
import { readSample } from '../../test/support/samples.ts'
import { FlocapError } from '../base/errors.ts'
import type { Draw, Drawing, Found } from '../caption/draw-findings.ts'
import { createRemoteDraw } from './remote-draw.ts'

const PICTURE = readSample('scene-00.png')
const FOUND: Found = {
  data: [{ kind: 'boxes', boxes: [{ label: 'car', box: [1, 2, 3, 4], score: 0.5 }] }],
  size: { width: 40, height: 30 },
}

async function connect(drawing: Partial<Drawing>): Promise<Draw> {
  const png: Drawing['png'] = async (picture, overlay) =>
    Buffer.from(`${picture.byteLength} ${overlay}`)
  const server = await startTestServer({ drawing: { png, preview: png, ...drawing } })
  onTestFinished(async () => server.close())
  return createRemoteDraw({ url: server.url })
}

describe('createRemoteDraw', () => {
  it('draws as an engine of this process does', async () => {
    const draw = await connect({ preview: async () => Buffer.from('JPEG') })
    const text = Buffer.from(await draw('png', PICTURE, FOUND)).toString()
    expect(text).toMatch(new RegExp(`^${PICTURE.byteLength} <svg [^>]*width="40" height="30"`))
    expect(text).toContain('>car</text>')
    expect(Buffer.from(await draw('svg', PICTURE, FOUND)).toString()).toMatch(/<image [^]*>car</)
    expect(Buffer.from(await draw('preview', PICTURE, FOUND)).toString()).toBe('JPEG')
  })

  it('comes back when the server is full, and says what else it says', async () => {
    let refused = 0
    const draw = await connect({
      async png() {
        refused += 1
        if (refused > 2) throw new FlocapError('invalid_image', 'It is broken.')
        throw new FlocapError('queue_full', 'Too many drawings.', { retryAfterSeconds: 0.01 })
      },
    })
    const error = await caughtError(() => draw('png', PICTURE, FOUND))
    expect([refused, error]).toMatchObject([3, { code: 'invalid_image', message: 'It is broken.' }])
  })
})
