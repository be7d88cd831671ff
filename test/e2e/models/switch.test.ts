// Pulling and switching models of a running server: the built program, a hub of the test's own.
import { join } from 'node:path'
import { writeFileSync, readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { demoRepository } from '../../support/demo-hub.ts'
import { startServerForTest, type RunningServer } from '../../support/program.ts'
import { readSample, referenceCaption } from '../../support/samples.ts'
import { startStandInHub } from '../../support/stand-in-hub.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { submitBatch, readBatch, isOver } from '../../support/batch-client.ts'
import { ModelsResponse } from '../../../src/http/surfaces/manage/schema.ts'
import { findKnownModel } from '../../../src/store/registry.ts'

/** Of FloCap's list, without hashes that a stand-in could not have. */
const NAME = 'cogflorence-2.1'
const { repository, revision } = findKnownModel(NAME)!

const Named = z.object({ model: z.string() })

const CAPTION = referenceCaption('scene-02.png', '<MORE_DETAILED_CAPTION>')
const picture = readSample('scene-02.png')

async function startWithHub(args: readonly string[] = []) {
  const hub = await startStandInHub({
    repositories: { [repository]: demoRepository({ commit: revision }) },
  })
  onTestFinished(async () => hub.close())
  const home = temporaryFolder()
  const environment = { FLOCAP_HOME: home, HF_ENDPOINT: hub.endpoint, HF_TOKEN: '' }
  const server = await startServerForTest(args, { environment })
  await server.printed('Ready')
  return { server, home, environment }
}

async function look({ url }: RunningServer) {
  return ModelsResponse.parse(await (await fetch(`${url}/api/v1/manage/models`)).json())
}

async function change({ url }: RunningServer, path: string, model: string): Promise<Response> {
  return fetch(`${url}/api/v1/manage/${path}`, { method: 'POST', body: JSON.stringify({ model }) })
}

/** Each a little different, so that none is answered from the cache. */
async function ask({ url }: RunningServer, n: number) {
  const response = await fetch(`${url}/api/v1/caption?max_new_tokens=${200 + n}`, {
    method: 'POST',
    body: picture,
  })
  return { status: response.status, body: await response.json() }
}

async function pull(server: RunningServer): Promise<void> {
  expect((await change(server, 'pull', NAME)).status).toBe(202)
  await expect.poll(async () => (await look(server)).pull?.state).toBe('done')
}

describe('a server whose model is switched', () => {
  it.each([
    ['with one engine', []],
    ['with two engines', ['--engines', '2', '--threads', '1']],
  ])('answers all that is asked meanwhile, %s, and serves it after a restart', async (_, args) => {
    const { server, environment } = await startWithHub(args)
    await pull(server)
    const before = Array.from({ length: 8 }, async (_each, n) => ask(server, n))
    expect((await change(server, 'switch', NAME)).status).toBe(202)
    const after = Array.from({ length: 8 }, async (_each, n) => ask(server, 100 + n))
    const answers = await Promise.all([...before, ...after])
    for (const { status, body } of answers) {
      expect(status).toBe(200)
      expect(body).toMatchObject({ images: [{ answers: [{ text: CAPTION }] }] })
    }
    const ids = answers.map(({ body }) => Named.parse(body).model)
    expect(new Set(ids.slice(8))).toEqual(new Set(['cogflorence-2.1-large']))
    const { serving, switch: switched } = await look(server)
    expect(serving).toEqual({ name: NAME, reason: 'switched to' })
    expect(switched).toMatchObject({ model: NAME, state: 'done', error: null })
    expect(await server.stop()).toBe(0)

    const next = await startServerForTest([], { environment })
    expect(next.stderr()).toContain('the one you chose last')
  })

  it('goes on with the model before when the other one cannot be loaded', async () => {
    const { server, home } = await startWithHub()
    await pull(server)
    const weights = join(home, 'models', repository.replace('/', '--'), revision, 'model.safetensors')
    const bytes = readFileSync(weights)
    // As many bytes as there were, of which the header is none.
    writeFileSync(weights, bytes.fill(0xff, 0, 64))
    expect((await change(server, 'switch', NAME)).status).toBe(202)
    const waiting = ask(server, 1)
    await expect.poll(async () => (await look(server)).switch?.state).toBe('failed')
    expect((await look(server)).switch?.error?.message).not.toBe('')
    expect((await look(server)).serving.name).toBe('bundled')
    expect(await waiting).toMatchObject({ status: 200, body: { model: 'flocap-demo' } })
    expect(await ask(server, 2)).toMatchObject({ status: 200, body: { model: 'flocap-demo' } })
  })

  it('does not switch in the middle of a batch, and ends in order in the middle of a switch', async () => {
    const { server } = await startWithHub()
    await pull(server)
    const lines = Array.from({ length: 40 }, (_, n) =>
      JSON.stringify({
        custom_id: `line-${n}`,
        method: 'POST',
        url: '/api/v1/caption',
        body: { image: picture.toString('base64'), max_new_tokens: 300 + n },
      }),
    )
    const id = await submitBatch(server.url, '/api/v1/caption', lines)
    const refused = await change(server, 'switch', NAME)
    expect(refused.status).toBe(409)
    expect(await refused.json()).toMatchObject({ error: { code: 'models_busy' } })
    await expect.poll(async () => isOver(await readBatch(server.url, id))).toBe(true)
    await expect.poll(async () => (await change(server, 'switch', NAME)).status).toBe(202)
    expect(await server.stop()).toBe(0)
  })
})
