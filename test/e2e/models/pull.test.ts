// A model from the Hub to a caption, by commands alone: pull, serve, list, verify, remove.
import { readFileSync, writeFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { DEMO_COMMIT, DEMO_REPOSITORY, demoRepository } from '../../support/demo-hub.ts'
import { runProgram, startServerForTest } from '../../support/program.ts'
import { readSample, referenceCaption } from '../../support/samples.ts'
import { type StandInHub, startStandInHub } from '../../support/stand-in-hub.ts'
import { createFolder, removeFolder } from '../../support/temporary-folder.ts'

const CAPTION = referenceCaption('scene-00.png', '<MORE_DETAILED_CAPTION>')

const listSchema = z.object({
  models: z.array(
    z.object({
      name: z.string(),
      id: z.string(),
      source: z.string(),
      commit: z.string().nullable(),
      verified: z.boolean(),
      folder: z.string(),
      diskBytes: z.number(),
      bytes: z.number(),
      compiled: z.array(z.object({ precision: z.string(), error: z.number().nullable() })),
    }),
  ),
})

// The tests are one story, in its order.
describe('a model of the Hub', () => {
  const home = createFolder()
  let hub: StandInHub
  let environment: Record<string, string>

  beforeAll(async () => {
    hub = await startStandInHub({ repositories: { [DEMO_REPOSITORY]: demoRepository() } })
    environment = { FLOCAP_HOME: home, HF_ENDPOINT: hub.endpoint, HF_TOKEN: '' }
  })

  afterAll(async () => {
    await hub.close()
    removeFolder(home)
  })

  const list = async (): Promise<z.infer<typeof listSchema>['models']> => {
    const { stdout } = await runProgram(['models', '--json'], { environment })
    return listSchema.parse(JSON.parse(stdout)).models
  }

  it('is fetched by its name, with progress on standard error', async () => {
    const { code, stdout, stderr } = await runProgram(['pull', DEMO_REPOSITORY], { environment })
    expect(stderr).toMatch(/^Asking 127\.0\.0\.1:\d+ for someone\/Scenes\.$/m)
    expect(stderr).toMatch(/^Downloading someone\/Scenes: \d+ % of 22\.\d MB$/m)
    expect(stderr).toContain('Downloaded someone/Scenes; every file has the announced hash.')
    expect(stdout).toContain(`someone/Scenes is in ${home}`)
    expect(stdout).toContain('main.js serve --model someone/Scenes')
    expect(code).toBe(0)
  })

  it('is not fetched a second time', async () => {
    const before = hub.requests.length
    const { code } = await runProgram(['pull', DEMO_REPOSITORY], { environment })
    expect(code).toBe(0)
    expect(hub.requests).toHaveLength(before)
  })

  it('captions, offline too, under its own name and not as a demo', async () => {
    const before = hub.requests.length
    const server = await startServerForTest(['--model', DEMO_REPOSITORY, '--offline'], {
      environment,
    })
    await server.printed('Ready')
    expect(server.stderr()).toContain('Model: scenes')
    expect(server.stderr()).not.toContain('demo')
    const response = await fetch(`${server.url}/api/caption`, {
      method: 'POST',
      body: JSON.stringify({ image: readSample('scene-00.png').toString('base64') }),
    })
    expect(await response.json()).toMatchObject({ caption: CAPTION, flocap: { demo: false } })
    expect(hub.requests).toHaveLength(before)
  })

  it('is listed with what was compiled of it, what that costs, and what it takes', async () => {
    const model = (await list()).find(({ name }) => name === DEMO_REPOSITORY)
    expect(model).toMatchObject({
      id: 'scenes',
      source: 'download',
      commit: DEMO_COMMIT,
      verified: true,
      compiled: [{ precision: 'auto' }],
    })
    expect(model?.compiled[0]?.error).toBeGreaterThan(0)
    expect(model?.compiled[0]?.error).toBeLessThan(0.05)
    expect(model?.diskBytes).toBeGreaterThan(model?.bytes ?? Infinity)

    const { stdout } = await runProgram(['models'], { environment })
    expect(stdout).toMatch(/^NAME +SIZE +SOURCE +COMPILED \(ERROR\) +ON DISK$/m)
    expect(stdout).toMatch(/^someone\/Scenes +22\.\d MB +download +auto \(\d\.\d\d %\) +\d\d\.\d MB$/m)
    expect(stdout).toMatch(/^bundled +22\.\d MB +bundled +- +0 bytes$/m)
  })

  it('is what a server takes that is started without a model afterwards', async () => {
    const server = await startServerForTest([], { environment })
    expect(server.stderr()).toContain('Model: scenes (the one you chose last')
    rmSync(join(home, 'last-model'))
    const other = await startServerForTest([], { environment })
    expect(other.stderr()).toContain('Model: scenes (the only one installed)')
  })

  it('is verified, and found out when a byte of it has changed', async () => {
    const verify = async (): ReturnType<typeof runProgram> =>
      runProgram(['models', 'verify', DEMO_REPOSITORY], { environment })
    expect(await verify()).toMatchObject({
      code: 0,
      stdout:
        'someone/Scenes: every hash is the expected one.\n' +
        'someone/Scenes, compiled as auto: as it was written.\n',
    })
    const { folder = '' } = (await list()).find(({ name }) => name === DEMO_REPOSITORY) ?? {}
    const path = join(folder, 'model.safetensors')
    const bytes = readFileSync(path)
    bytes[bytes.length - 1]! ^= 1
    writeFileSync(path, bytes)
    const damaged = await verify()
    expect(damaged.code).toBe(1)
    expect(damaged.stderr).toContain('model.safetensors has another SHA-256 than expected')
    expect(damaged.stderr).toContain('main.js models remove someone/Scenes')
  })

  it('is removed with all that was made of it, and then is not here', async () => {
    const { code, stdout } = await runProgram(['models', 'remove', DEMO_REPOSITORY], {
      environment,
    })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Removed someone\/Scenes; freed \d\d\.\d MB\.$/m)
    expect((await list()).map(({ name }) => name)).toEqual(['bundled'])
    for (const command of [
      ['models', 'remove'],
      ['models', 'verify'],
    ]) {
      const again = await runProgram([...command, DEMO_REPOSITORY], { environment })
      expect(again.code).toBe(1)
      expect(again.stderr).toContain('The model someone/Scenes is not on this machine.')
    }
    const offline = await runProgram(
      ['serve', '--port', '0', '--offline', '--model', DEMO_REPOSITORY],
      { environment },
    )
    expect(offline.code).toBe(1)
    expect(offline.stderr).toContain('The model someone/Scenes is not on this machine')
  })

  it('leaves compiled forms behind when its folder is deleted by hand, until they are pruned', async () => {
    await runProgram(['caption', '--model', DEMO_REPOSITORY, '-'], {
      environment,
      input: readSample('scene-00.png'),
    })
    const { folder = '' } = (await list()).find(({ name }) => name === DEMO_REPOSITORY) ?? {}
    removeFolder(folder)
    const first = await runProgram(['models', 'prune'], { environment })
    expect(first.stdout).toMatch(/compiled.+scenes-[\da-f]{12} \(\d\d\.\d MB\)\nRemoved \d\d\.\d MB\./)
    const second = await runProgram(['models', 'prune'], { environment })
    expect(second.stdout).toBe('Nothing to remove.\n')
  })
})
