// Every way in which a user can name a model in vain: what is wrong and what to do, and no stack.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEMO_REPOSITORY, demoRepository } from '../../support/demo-hub.ts'
import { type Finished, runProgram, startServerForTest } from '../../support/program.ts'
import { renderSafetensors } from '../../support/safetensors-writer.ts'
import { samplePath } from '../../support/samples.ts'
import { gitFile, type StandInHub, startStandInHub } from '../../support/stand-in-hub.ts'
import { createFolder, removeFolder, temporaryFolder } from '../../support/temporary-folder.ts'

const PHOTO = samplePath('scene-00.png')
const home = createFolder()
let hub: StandInHub

beforeAll(async () => {
  hub = await startStandInHub({
    repositories: {
      [DEMO_REPOSITORY]: demoRepository(),
      'someone/gated': demoRepository({ access: 'gated' }),
      'someone/text-only': { commit: 'e'.repeat(40), files: { 'config.json': gitFile('{}') } },
    },
  })
})
afterAll(async () => {
  await hub.close()
  removeFolder(home)
})

/** Ends with code 1; the hint is in a line of its own. */
async function fail(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const finished = await runProgram(args, {
    environment: { FLOCAP_HOME: home, HF_ENDPOINT: hub.endpoint, HF_TOKEN: '', ...environment },
  })
  // Of `caption`, 1 means that some of the pictures failed, and 2 that none could start.
  expect(finished.code).toBe(args[0] === 'caption' ? 2 : 1)
  expect(finished.stderr).not.toMatch(/ at .*\.js|\[cause\]/)
  return finished
}

const serve = (model: string): string[] => ['serve', '--port', '0', '--model', model]

describe.each([
  ['flocap serve', serve],
  ['flocap caption', (model: string) => ['caption', '--model', model, PHOTO]],
  ['flocap pull', (model: string) => ['pull', model]],
])('%s says what is wrong and what to do', (_, command) => {
  it('when there is no model of this name', async () => {
    const { stderr } = await fail(command('huge'))
    expect(stderr).toContain("flocap: There is no model called 'huge'.")
    expect(stderr).toContain('Known names: bundled, base,')
  })

  it('when the Hub does not show the repository', async () => {
    const { stderr } = await fail(command('someone/nothing'))
    expect(stderr).toContain('does not show someone/nothing to visitors without a token')
    expect(stderr).toContain('HF_TOKEN')
  })

  it('when the Hub has no such repository', async () => {
    const { stderr } = await fail(command('someone/nothing'), { HF_TOKEN: hub.token })
    expect(stderr).toContain('has no model someone/nothing')
  })

  it('when there is no such revision', async () => {
    const { stderr } = await fail(command(`${DEMO_REPOSITORY}@v9`))
    expect(stderr).toContain('someone/Scenes has no such revision.')
  })

  it('when the owner admits only some', async () => {
    const { stderr } = await fail(command('someone/gated'))
    expect(stderr).toContain('someone/gated is open only to accounts that its owner admits.')
    expect(stderr).toContain('HF_TOKEN')
  })

  it('when it may not look at the network', async () => {
    const { stderr } = await fail([...command('base'), '--offline'])
    expect(stderr).toContain('The model base is not on this machine, and FloCap is offline.')
    expect(stderr).toContain(join(home, 'models', 'microsoft--Florence-2-base'))
    expect(stderr).toMatch(/model\.safetensors, 463 MB .*SHA-256 03075d2d/)
  })

  it('when the mirror is no address', async () => {
    const { stderr } = await fail(command(DEMO_REPOSITORY), { HF_ENDPOINT: 'mirror' })
    expect(stderr).toContain("The Hub's endpoint must be a web address")
  })

  it('when the folder is not there', async () => {
    const { stderr } = await fail(command('./no-such-folder'))
    expect(stderr).toContain('There is no model folder at ./no-such-folder.')
  })

  it('when the folder lacks files', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'config.json'), '{}')
    const { stderr } = await fail(command(folder))
    expect(stderr).toContain('The model folder is not complete: ')
    expect(stderr).toContain('tokenizer.json is missing')
  })

  it('when a folder is named like a Hub model', async () => {
    const { stderr } = await fail(command('src'))
    expect(stderr).toContain('write ./src if you mean it')
  })

  it('when the cache folder is a file', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    const { stderr } = await fail(command(DEMO_REPOSITORY), { FLOCAP_HOME: file })
    expect(stderr).toContain(`The cache folder ${file} cannot be used`)
    expect(stderr).toContain('FLOCAP_HOME')
  })
})

describe('a failed command', () => {
  it('ends, whatever else keeps its process alive', async () => {
    const alive = '--import "data:text/javascript,setInterval(() => {}, 1000)"'
    const { stderr } = await fail(['pull', 'huge'], { NODE_OPTIONS: alive })
    expect(stderr).toContain("There is no model called 'huge'.")
  })

  it('says what is missing of a device, and goes on to no other', async () => {
    const other = process.platform === 'darwin' ? 'directml' : 'coreml'
    const { stderr } = await fail(['serve', '--port', '0', '--device', other])
    expect(stderr).toContain(`The device ${other} cannot be used: ONNX Runtime has no ${other} on`)
    expect(stderr).toContain('--device cpu always works')
    expect((await fail(['serve', '--device', 'gpu'])).stderr).toContain(
      "Expected one of auto, cpu, cuda, webgpu, directml, coreml for --device, got 'gpu'.",
    )
  })
})

describe('a repository that is no Florence-2 model', () => {
  it.each([
    ['caption', ['caption', '--model', 'someone/text-only', PHOTO]],
    ['pull', ['pull', 'someone/text-only']],
  ])('ends flocap %s', async (_, args) => {
    const { stderr } = await fail(args)
    expect(stderr).toContain('someone/text-only lacks')
  })
})

describe('flocap serve', () => {
  it('says so when the folder holds another kind of model', async () => {
    const folder = temporaryFolder()
    mkdirSync(folder, { recursive: true })
    for (const file of ['config.json', 'preprocessor_config.json', 'tokenizer.json']) {
      writeFileSync(join(folder, file), '{"model_type":"llama"}')
    }
    writeFileSync(join(folder, 'tokenizer_config.json'), '{}')
    const { header, data } = renderSafetensors([
      { name: 'model.norm.weight', dtype: 'F32', shape: [2], values: new Float32Array([1, 2]) },
    ])
    writeFileSync(join(folder, 'model.safetensors'), Buffer.concat([header, data]))
    const server = await startServerForTest(['--model', folder], {
      environment: { FLOCAP_HOME: home },
    })
    await server.printed('keeps trying')
    expect(server.stderr()).toMatch(/^flocap: The weights have neither .* names of a Florence-2 model/m)
  })

  it('says so when the cache folder of the demo cannot be used', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    const { stderr } = await fail(['serve', '--port', '0'], { FLOCAP_HOME: file })
    expect(stderr).toContain(`The cache folder ${file} cannot be used`)
  })
})

describe('flocap pull and flocap models remove', () => {
  it('leave the bundled model and folders of the user alone', async () => {
    expect((await fail(['pull', 'bundled'])).stderr).toContain('comes with FloCap')
    expect((await fail(['models', 'remove', 'bundled'])).stderr).toContain('comes with FloCap')
    const { stderr } = await fail(['models', 'remove', temporaryFolder()])
    expect(stderr).toContain('A folder of your own is not removed by FloCap.')
  })

  it('need a name', async () => {
    expect((await fail(['pull'])).stderr).toContain("missing required argument 'model'")
    expect((await fail(['models', 'remove'])).stderr).toContain("missing required argument 'model'")
    expect((await fail(['models', 'vrify'])).stderr).toContain('Did you mean')
  })
})
