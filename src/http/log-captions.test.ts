import { expect, it } from 'vitest'
import { createFakeCaptioner } from '../../test/support/fake-captioner.ts'
import { createTestApp, post } from '../../test/support/http-app.ts'
import { PNG_BASE64 } from '../../test/support/pictures.ts'
import { createRecordingLogger } from '../../test/support/recording-logger.ts'
import { withCaptionLog } from './log-captions.ts'

function createLoggedApp(text?: string) {
  const { lines, logger } = createRecordingLogger()
  const fake = createFakeCaptioner(text === undefined ? {} : { text })
  const app = createTestApp({ logger, captioner: withCaptionLog(fake, logger) })
  return { lines, app }
}

it('writes a line for each caption, with its words and the request it belongs to', async () => {
  const { lines, app } = createLoggedApp('A car on a road.')
  const answer = await app.request('/api/caption', post({ image: PNG_BASE64 }))
  expect(lines.filter(({ level }) => level === 'info')).toEqual([
    {
      level: 'info',
      message: 'captioned',
      fields: {
        requestId: answer.headers.get('x-request-id'),
        task: 'more_detailed_caption',
        words: 5,
        ms: expect.any(Number),
      },
    },
  ])
})

it('is silent about files, polls and health unless --debug asks for them', async () => {
  const { lines, app } = createLoggedApp()
  for (const path of ['/health', '/ready', '/v1/models']) await app.request(path)
  expect(lines.map(({ level }) => level)).toEqual(['debug', 'debug', 'debug'])
})
