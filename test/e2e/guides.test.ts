// What each client's guide says to enter, tried from an address that is not this machine's own: from
// a container or the next room that is where a client comes from.
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningServer, startServer } from '../support/program.ts'
import { samplePath } from '../support/samples.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const KEY = 'guide/key+1'
const PICTURE = readFileSync(samplePath('scene-03.png'))
const BASE64 = PICTURE.toString('base64')

/** An address of this machine that other machines would use. */
const address = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

/** How clients send what a guide has them enter: a key in a header, or in the URL alone. */
const bearer = { authorization: `Bearer ${KEY}` }
const inUrl = `/k/${encodeURIComponent(KEY)}`
const CHAT = {
  model: 'x',
  messages: [
    {
      role: 'user',
      content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${BASE64}` } }],
    },
  ],
}
const GENERATE = { model: 'x', prompt: 'x', images: [BASE64], stream: false }

interface Guide {
  readonly guide: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

const GUIDES: readonly Guide[] = [
  {
    guide: 'home-assistant: LLM Vision',
    path: '/v1/chat/completions',
    headers: bearer,
    body: CHAT,
  },
  { guide: 'home-assistant: Ollama', path: `${inUrl}/api/generate`, headers: {}, body: GENERATE },
  { guide: 'photoprism: ollama', path: `${inUrl}/api/generate`, headers: {}, body: GENERATE },
  { guide: 'photoprism: openai', path: '/v1/chat/completions', headers: bearer, body: CHAT },
  { guide: 'librechat', path: '/v1/chat/completions', headers: bearer, body: CHAT },
  { guide: 'n8n', path: '/v1/chat/completions', headers: bearer, body: CHAT },
  { guide: 'open-webui: OpenAI', path: '/v1/chat/completions', headers: bearer, body: CHAT },
  { guide: 'open-webui: Ollama', path: '/api/generate', headers: bearer, body: GENERATE },
  { guide: 'obsidian', path: `${inUrl}/api/generate`, headers: {}, body: GENERATE },
  {
    guide: 'sillytavern: secondary URL, llama.cpp',
    path: `${inUrl}/v1/chat/completions`,
    headers: {},
    body: CHAT,
  },
]

describe.skipIf(address === undefined)('from another machine, as the guide says:', () => {
  const home = createFolder()
  let server: RunningServer
  let origin: string

  beforeAll(async () => {
    server = await startServer(['--listen'], {
      environment: { FLOCAP_HOME: home, FLOCAP_API_KEY: KEY },
    })
    await server.printed('Ready')
    origin = `http://${address}:${new URL(server.url).port}`
  })
  afterAll(async () => {
    await server.stop('SIGKILL')
    removeFolder(home)
  })

  async function ask({ path, headers, body }: Guide): Promise<Response> {
    return fetch(`${origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  }

  it.each(GUIDES)('$guide gets a caption', async (guide) => {
    const response = await ask(guide)
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('anchor')
  })

  it.each(GUIDES)('$guide without the key does not', async (guide) => {
    const path = guide.path.replace(inUrl, '')
    expect((await ask({ ...guide, path, headers: {} })).status).toBe(401)
  })

  it('the page works below the address with the key', async () => {
    const page = await fetch(`${origin}${inUrl}/`, { headers: { accept: 'text/html' } })
    expect(await page.text()).toContain('<!doctype html>')
    expect((await fetch(`${origin}${inUrl}/api/v1/tasks`)).status).toBe(200)
  })
})
