// LiteLLM's proxy with FloCap behind it, by each of the ways in which it can reach FloCap: where a
// machine has it, as FLOCAP_LITELLM or on the PATH.
import { spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { PNG_DATA_URL } from '../support/pictures.ts'
import { portOf } from '../support/port-of.ts'
import { createRecordedCaptioner } from '../support/recorded-answers.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { useLiveServers } from './live-server.ts'

const litellm = [process.env['FLOCAP_LITELLM'], 'litellm'].find(
  (each) => each !== undefined && spawnSync(each, ['--version']).status === 0,
)

/** Its start takes most of a minute on a busy machine. */
const TIMEOUT_MS = 300_000

/** Model names of LiteLLM by provider, and whether the address is that of the OpenAI API. */
const BACK_ENDS = [
  { provider: 'openai', path: '/v1' },
  { provider: 'hosted_vllm', path: '/v1' },
  { provider: 'lm_studio', path: '/v1' },
  { provider: 'ollama', path: '' },
  { provider: 'ollama_chat', path: '' },
  { provider: 'anthropic', path: '' },
]

const start = useLiveServers()

const schema = {
  type: 'object',
  properties: {
    title: { type: 'string' },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['title', 'tags'],
  additionalProperties: false,
}
const photo = {
  title: 'An anchor and a trophy on a white and lime background',
  tags: ['anchor', 'trophy'],
}
const save = { type: 'function', function: { name: 'save', parameters: schema } }

const Completion = z.object({
  choices: z.tuple([
    z.object({
      message: z.object({
        content: z.string().nullish(),
        tool_calls: z
          .array(z.object({ function: z.object({ name: z.string(), arguments: z.string() }) }))
          .nullish(),
      }),
    }),
  ]),
})
const Health = z.object({ healthy_count: z.number(), unhealthy_endpoints: z.array(z.unknown()) })

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = portOf(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** @returns the proxy's address, as soon as it answers. */
async function startProxy(program: string, url: string): Promise<string> {
  const config = join(temporaryFolder(), 'config.yaml')
  const models = BACK_ENDS.map(({ provider, path }) => ({
    model_name: provider,
    litellm_params: { model: `${provider}/flocap`, api_base: `${url}${path}`, api_key: 'none' },
  }))
  // JSON is YAML.
  const settings = { telemetry: false, num_retries: 0 }
  writeFileSync(config, JSON.stringify({ model_list: models, litellm_settings: settings }))
  const port = await freePort()
  const flags = ['--config', config, '--host', '127.0.0.1', '--port', String(port)]
  const proxy = spawn(program, flags, {
    stdio: 'ignore',
    env: {
      ...process.env,
      // It would fetch a list of prices, and refuse to start without a key.
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY: 'true',
    },
  })
  onTestFinished(() => void proxy.kill())
  const address = `http://127.0.0.1:${port}`
  for (;;) {
    const response = await fetch(`${address}/health/liveliness`).catch(() => undefined)
    if (response?.ok === true) return address
    if (proxy.exitCode !== null) throw new Error(`${program} ended with ${proxy.exitCode}.`)
    await delay(500)
  }
}

it.skipIf(litellm === undefined)(
  'LiteLLM finds FloCap healthy and gets captions, streams, data and tool calls from it',
  async () => {
    const { url } = await start({}, { captioner: createRecordedCaptioner() })
    const proxy = await startProxy(litellm ?? '', url)
    const ask = async (model: string, fields: object): Promise<Response> => {
      const content = [
        { type: 'text', text: 'Describe.' },
        { type: 'image_url', image_url: { url: PNG_DATA_URL } },
      ]
      const response = await fetch(`${proxy}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model, messages: [{ role: 'user', content }], ...fields }),
      })
      expect([model, response.status]).toEqual([model, 200])
      return response
    }
    const messageOf = async (model: string, fields: object) =>
      Completion.parse(await (await ask(model, fields)).json()).choices[0].message

    for (const { provider } of BACK_ENDS) {
      const { content: caption } = await messageOf(provider, {})
      expect(caption).toMatch(/anchor/i)

      const stream = await (await ask(provider, { stream: true })).text()
      const pieces = [...stream.matchAll(/"content":"((?:[^"\\]|\\.)*)"/g)].map(
        ([, piece]) => piece,
      )
      expect(JSON.parse(`"${pieces.join('')}"`)).toBe(caption)
      expect(stream.trim().endsWith('data: [DONE]')).toBe(true)

      const format = { type: 'json_schema', json_schema: { name: 'photo', schema, strict: true } }
      const { content: data } = await messageOf(provider, { response_format: format })
      expect([provider, JSON.parse(data ?? '')]).toEqual([provider, photo])

      const called = await messageOf(provider, { tools: [save], tool_choice: 'required' })
      const [call] = called.tool_calls ?? []
      expect([provider, call?.function.name]).toEqual([provider, 'save'])
      expect(JSON.parse(call?.function.arguments ?? '')).toEqual(photo)
    }

    const health = Health.parse(await (await fetch(`${proxy}/health`)).json())
    expect(health).toEqual({ healthy_count: BACK_ENDS.length, unhealthy_endpoints: [] })
  },
  TIMEOUT_MS,
)
