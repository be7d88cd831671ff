// `--drain`: a balancer that looks at /ready sends requests elsewhere before the server is gone.
import { expect, it } from 'vitest'
import { ReadyResponse } from '../../src/http/surfaces/health/schema.ts'
import { startServerForTest } from '../support/program.ts'

it('a server that is told to stop says so at /ready, while it still answers, and changes no model', async () => {
  const server = await startServerForTest(['--drain', '4'])
  await server.printed('Ready')
  const ended = server.stop()
  const ready = async (): Promise<string> => {
    const response = await fetch(`${server.url}/ready`)
    return `${response.status} ${ReadyResponse.parse(await response.json()).status}`
  }
  await expect.poll(ready, { interval: 20 }).toBe('503 ending')
  const pull = await fetch(`${server.url}/api/v1/manage/pull`, {
    method: 'POST',
    body: '{"model":"base"}',
  })
  expect(pull.status).toBe(503)
  expect((await fetch(`${server.url}/api/v1/tasks`)).status).toBe(200)
  expect(await ended).toBe(0)
})
