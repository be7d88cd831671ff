// `flocap serve --model` of a model that is not here: the server is up and says how far it is.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { DEMO_REPOSITORY, demoRepository } from '../../support/demo-hub.ts'
import { startServerForTest } from '../../support/program.ts'
import { readSample, referenceCaption } from '../../support/samples.ts'
import { type StandInHub, startStandInHub } from '../../support/stand-in-hub.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const readySchema = z.object({ status: z.string(), reason: z.string().optional() })

let hub: StandInHub
beforeEach(async () => {
  hub = await startStandInHub({ repositories: { [DEMO_REPOSITORY]: demoRepository() } })
})
afterEach(async () => hub.close())

/** 22 MB in some three seconds. */
const SLOW = { server: 'cdn', kind: 'slow', chunkBytes: 400_000, pauseMs: 50 } as const

const body = JSON.stringify({ image: readSample('scene-02.png').toString('base64') })
const CAPTION = referenceCaption('scene-02.png', '<MORE_DETAILED_CAPTION>')

describe('a server whose model is being downloaded', () => {
  it('answers 503 with the progress where nothing may wait, then captions', async () => {
    hub.fail({ path: 'model.safetensors', ...SLOW })
    const server = await startServerForTest(['--model', DEMO_REPOSITORY, '--load-wait', '0'], {
      environment: { FLOCAP_HOME: temporaryFolder(), HF_ENDPOINT: hub.endpoint, HF_TOKEN: '' },
    })
    const seen = new Set<string>()
    let refusal: Response | undefined
    for (;;) {
      const response = await fetch(`${server.url}/ready`)
      const { reason = 'ready' } = readySchema.parse(await response.json())
      expect(response.status).toBe(reason === 'ready' ? 200 : 503)
      seen.add(reason)
      if (reason === 'ready') break
      if (/^downloading [1-9]\d? %$/.test(reason)) {
        refusal ??= await fetch(`${server.url}/api/v1/caption`, { method: 'POST', body })
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const percents = [...seen].flatMap((reason) => /^downloading (\d+) %$/.exec(reason)?.[1] ?? [])
    expect(percents.length).toBeGreaterThan(5)
    expect(percents.map(Number)).toEqual(percents.map(Number).toSorted((a, b) => a - b))

    expect(refusal?.status).toBe(503)
    expect(refusal?.headers.get('retry-after')).toBe('10')
    expect(await refusal?.json()).toMatchObject({
      error: {
        code: 'model_loading',
        message: expect.stringMatching(/^The model is not here yet: downloading \d+ %\.$/),
      },
    })

    await server.printed('Ready')
    expect(server.stderr()).toMatch(/^Downloading someone\/Scenes: \d+ % of 22\.\d MB$/m)
    const answer = await fetch(`${server.url}/api/caption`, { method: 'POST', body })
    expect(await answer.json()).toMatchObject({ caption: CAPTION })
  })

  it('lets requests wait, streams of every kind too, while probes hear 503', async () => {
    hub.fail({ path: 'model.safetensors', ...SLOW })
    const server = await startServerForTest(['--model', DEMO_REPOSITORY], {
      environment: { FLOCAP_HOME: temporaryFolder(), HF_ENDPOINT: hub.endpoint, HF_TOKEN: '' },
    })
    const ask = async (path: string, request: unknown): Promise<Response> =>
      fetch(`${server.url}${path}`, { method: 'POST', body: JSON.stringify(request) })
    const image = readSample('scene-02.png').toString('base64')
    const url = `data:image/png;base64,${image}`
    const content = [{ type: 'image_url', image_url: { url } }]
    const answers = Promise.all([
      ask('/api/caption', { image }),
      ask('/v1/chat/completions', { messages: [{ role: 'user', content }], stream: true }),
      ask('/api/generate', { model: 'florence-2', prompt: '', images: [image] }),
    ])
    for (const path of ['/ready', '/health', '/livez']) {
      expect((await fetch(`${server.url}${path}`)).status, path).toBe(path === '/livez' ? 200 : 503)
    }
    const [plain, events, lines] = await answers
    expect([plain.status, events.status, lines.status]).toEqual([200, 200, 200])
    expect(await plain.json()).toMatchObject({ caption: CAPTION })
    expect(await events.text()).toMatch(/data: \[DONE\]\n\n$/)
    expect(await lines.text()).toContain('"done":true')
  })

  it('stops at once when it is told to, and goes on at the next start', async () => {
    const environment = {
      FLOCAP_HOME: temporaryFolder(),
      HF_ENDPOINT: hub.endpoint,
      HF_TOKEN: '',
    }
    hub.fail({ path: 'model.safetensors', ...SLOW })
    const first = await startServerForTest(['--model', DEMO_REPOSITORY], { environment })
    await expect.poll(() => first.stderr()).toMatch(/Scenes: [2-9]\d %/)
    expect(await first.stop('SIGTERM')).toBe(0)
    expect(first.stderr()).not.toContain('flocap: ')

    const second = await startServerForTest(['--model', DEMO_REPOSITORY], { environment })
    await second.printed('Ready')
    const [, continued] = hub.downloadsOf('model.safetensors')
    expect(continued?.range).toMatch(/^bytes=[1-9]\d+-$/)
  })
})
