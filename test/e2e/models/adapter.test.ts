// A LoRA adapter from the Hub to a caption, by commands alone: serve, caption, pull, list, remove.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  ADAPTER_COMMIT,
  ADAPTER_REPOSITORY,
  adapterFiles,
  adapterRepository,
} from '../../support/adapter-repository.ts'
import { DEMO_REPOSITORY, demoRepository } from '../../support/demo-hub.ts'
import { type Finished, runProgram, startServerForTest } from '../../support/program.ts'
import { readSample, referenceCaption, samplePath } from '../../support/samples.ts'
import { type StandInHub, startStandInHub } from '../../support/stand-in-hub.ts'
import { createFolder, removeFolder } from '../../support/temporary-folder.ts'

const PLAIN = referenceCaption('scene-00.png', '<MORE_DETAILED_CAPTION>')

const listSchema = z.object({
  models: z.array(z.object({ name: z.string() })),
  adapters: z.array(
    z.object({
      name: z.string(),
      commit: z.string().nullable(),
      base: z.string().nullable(),
      verified: z.boolean(),
      bytes: z.number(),
      diskBytes: z.number(),
    }),
  ),
})

const answerSchema = z.object({
  caption: z.string(),
  flocap: z.object({ model: z.string() }),
})

// The tests are one story, in its order.
describe('an adapter of the Hub', () => {
  const home = createFolder()
  let hub: StandInHub
  let environment: Record<string, string>
  let merged = ''

  beforeAll(async () => {
    hub = await startStandInHub({
      repositories: {
        [DEMO_REPOSITORY]: demoRepository(),
        [ADAPTER_REPOSITORY]: adapterRepository(DEMO_REPOSITORY),
        'someone/nameless': adapterRepository(null),
      },
    })
    environment = { FLOCAP_HOME: home, HF_ENDPOINT: hub.endpoint, HF_TOKEN: '' }
  })

  afterAll(async () => {
    await hub.close()
    removeFolder(home)
  })

  const run = async (...args: readonly string[]): Promise<Finished> =>
    runProgram(args, { environment })
  const list = async (): Promise<z.infer<typeof listSchema>> =>
    listSchema.parse(JSON.parse((await run('models', '--json')).stdout))
  const ask = async (url: string): Promise<z.infer<typeof answerSchema>> => {
    const response = await fetch(`${url}/api/caption`, {
      method: 'POST',
      body: JSON.stringify({ image: readSample('scene-00.png').toString('base64') }),
    })
    return answerSchema.parse(await response.json())
  }

  it('is not given the model it was trained on in silence: what to add is said', async () => {
    const { code, stderr } = await run('serve', '--port', '0', '--adapter', ADAPTER_REPOSITORY)
    expect(code).toBe(1)
    expect(stderr).toContain(
      `The adapter ${ADAPTER_REPOSITORY} was trained on ${DEMO_REPOSITORY}, which is not on this machine.`,
    )
    expect(stderr).toContain(`Add --model ${DEMO_REPOSITORY} to download it`)
    expect(hub.downloadsOf('model.safetensors')).toEqual([])
  })

  it('that names no model is refused with what to add', async () => {
    const sample = samplePath('scene-00.png')
    const { code, stderr } = await run('caption', sample, '--adapter', 'someone/nameless')
    expect(stderr).toContain('does not say which model it was trained on')
    expect(stderr).toContain('add --model base, for example')
    expect(code).toBe(2)
  })

  it('is fetched with its model, which then says something else', async () => {
    const server = await startServerForTest(
      ['--model', DEMO_REPOSITORY, '--adapter', ADAPTER_REPOSITORY],
      { environment },
    )
    await server.printed('Ready')
    expect(server.stderr()).toContain('Model: scenes+scenes-lora')
    const { caption, flocap } = await ask(server.url)
    expect(flocap.model).toBe('scenes+scenes-lora')
    expect(caption).not.toBe(PLAIN)
    merged = caption
  })

  it('brings its model with it once that is here, offline too', async () => {
    const before = hub.requests.length
    const { code, stdout, stderr } = await run(
      'caption',
      samplePath('scene-00.png'),
      '--adapter',
      ADAPTER_REPOSITORY,
      '--offline',
    )
    expect(stderr).toBe('')
    expect(stdout.trim()).toBe(merged)
    expect(code).toBe(0)
    expect(hub.requests).toHaveLength(before)
  })

  it('is listed beside the models, and leaves the model as it was', async () => {
    const { models, adapters } = await list()
    expect(models.map(({ name }) => name)).toEqual(['bundled', DEMO_REPOSITORY])
    const adapter = adapters.find(({ name }) => name === ADAPTER_REPOSITORY)
    expect(adapter).toMatchObject({
      commit: ADAPTER_COMMIT,
      base: DEMO_REPOSITORY,
      verified: true,
    })
    expect(adapter?.diskBytes).toBeGreaterThan(adapter?.bytes ?? Infinity)
    const { stdout } = await run('models')
    expect(stdout).toMatch(/^ADAPTER +SIZE +SOURCE +TRAINED ON +ON DISK$/m)
    expect(stdout).toMatch(/^someone\/Scenes-LoRA +\S+ kB +download +someone\/Scenes +/m)
    const plain = await run('caption', samplePath('scene-00.png'), '--model', DEMO_REPOSITORY)
    expect(plain.stdout.trim()).toBe(PLAIN)
  })

  it('is looked at by the doctor', async () => {
    const { stdout } = await run('doctor', '--adapter', ADAPTER_REPOSITORY)
    expect(stdout).toMatch(/^ok +adapter +someone\/Scenes-LoRA \(.*\), merged into someone\/Scenes$/m)
    expect(stdout).toMatch(/^ok +model +scenes, every hash is right$/m)
    expect(stdout).toMatch(/^ok +self-test /m)
  })

  it.each([
    [['--model', ADAPTER_REPOSITORY], `Give it as an adapter: --adapter ${ADAPTER_REPOSITORY}.`],
    [['--adapter', DEMO_REPOSITORY], `Give it as a model: --model ${DEMO_REPOSITORY}.`],
  ])('is not taken for a model, nor a model for an adapter: %j', async (args, hint) => {
    const { code, stderr } = await run('serve', '--port', '0', ...args)
    expect(stderr).toContain(hint)
    expect(code).toBe(1)
  })

  it('is verified and removed by its name, with the forms that have it in them', async () => {
    const verified = await run('models', 'verify', ADAPTER_REPOSITORY)
    expect(verified.stdout).toBe(`${ADAPTER_REPOSITORY}: every hash is the expected one.\n`)
    const { stdout } = await run('models', 'remove', ADAPTER_REPOSITORY)
    expect(stdout).toMatch(/^Removed someone\/Scenes-LoRA; freed \d\d\.\d MB\.$/m)
    expect((await list()).adapters.map(({ name }) => name)).toEqual(['someone/nameless'])
    const offline = await run('serve', '--port', '0', '--offline', '--adapter', ADAPTER_REPOSITORY)
    expect(offline.code).toBe(1)
    expect(offline.stderr).toContain(
      `The adapter ${ADAPTER_REPOSITORY} is not on this machine, and FloCap is offline.`,
    )
    expect(offline.stderr).toContain('adapter_config.json')
  })

  it('is pulled as a model is', async () => {
    const { code, stdout } = await run('pull', ADAPTER_REPOSITORY)
    expect(code).toBe(0)
    expect(stdout).toContain(`main.js serve --adapter ${ADAPTER_REPOSITORY}`)
  })

  it('may lie in a folder, with or without ./ before it', async () => {
    const folder = join(home, 'my-adapter')
    mkdirSync(folder)
    for (const [name, { content }] of Object.entries(
      adapterFiles({ base_model_name_or_path: DEMO_REPOSITORY }),
    )) {
      writeFileSync(join(folder, name), content)
    }
    const { stdout } = await run('caption', samplePath('scene-00.png'), '--adapter', folder)
    expect(stdout.trim()).toBe(merged)
  })
})
