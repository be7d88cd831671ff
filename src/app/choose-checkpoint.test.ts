import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  ADAPTER_REPOSITORY,
  adapterFiles,
  adapterRepository,
} from '../../test/support/adapter-repository.ts'
import { caughtError } from '../../test/support/caught-error.ts'
import { hubName } from '../../test/support/model-repository.ts'
import { startStandInHub, type StandInHub } from '../../test/support/stand-in-hub.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { AUTO_MODEL } from '../config/settings.ts'
import { folderOf } from '../store/places.ts'
import { createModelStore, type ModelStore } from '../store/store.ts'
import { REQUIRED_FILES } from '../weights/model-files.ts'
import { chooseCheckpoint, fetchCheckpoint } from './choose-checkpoint.ts'

function openStore(hub?: StandInHub, offline = false): ModelStore {
  return createModelStore({
    root: temporaryFolder(),
    offline,
    ...(hub === undefined ? {} : { hub: { endpoint: hub.endpoint } }),
  })
}

async function openHub(base: string | null): Promise<StandInHub> {
  const hub = await startStandInHub({
    repositories: { [ADAPTER_REPOSITORY]: adapterRepository(base) },
  })
  onTestFinished(async () => hub.close())
  return hub
}

/** An adapter in a folder of the user's own. */
function placeAdapter(config: Readonly<Record<string, unknown>>): string {
  const folder = join(temporaryFolder(), 'My-Adapter')
  mkdirSync(folder)
  for (const [name, { content }] of Object.entries(adapterFiles(config))) {
    writeFileSync(join(folder, name), content)
  }
  return folder
}

/** Files of the right names and sizes, which is what a start looks at. */
function placeModel(store: ModelStore, model: string): string {
  const { repository, revision, known } = hubName(model)
  const folder = folderOf(store, repository, revision)
  mkdirSync(folder, { recursive: true })
  const sizes = new Map(known?.files.map(({ path, size }) => [path, size ?? 2]))
  const names = [...REQUIRED_FILES, 'preprocessor_config.json', 'pytorch_model.bin']
  for (const path of [...names, ...sizes.keys()]) {
    writeFileSync(join(folder, path), '{}')
    truncateSync(join(folder, path), sizes.get(path) ?? 2)
  }
  return folder
}

const base = (name: string, revision?: string): string =>
  placeAdapter({ base_model_name_or_path: name, revision })

describe('an adapter with a model that is named', () => {
  it('is taken together with it, under both names', async () => {
    const store = openStore()
    const folder = placeModel(store, 'base')
    const adapter = base('somewhere/else')
    const choice = await chooseCheckpoint(store, { model: 'base', adapter })
    expect(choice).toMatchObject({ id: 'florence-2-base+my-adapter', demo: false })
    const source = await fetchCheckpoint(
      store,
      choice,
      new AbortController().signal,
      () => undefined,
    )
    expect(source).toMatchObject({ model: { folder }, adapter })
  })

  it('is fetched only when the engine starts, so that a server is up meanwhile', async () => {
    const hub = await openHub(null)
    const store = openStore(hub)
    placeModel(store, 'base')
    const choice = await chooseCheckpoint(store, { model: 'base', adapter: ADAPTER_REPOSITORY })
    expect(choice).toMatchObject({
      id: 'florence-2-base+scenes-lora',
      adapter: { kind: 'wanted' },
    })
    expect(hub.requests).toEqual([])
    const told = new Set<string>()
    const { adapter } = await fetchCheckpoint(
      store,
      choice,
      new AbortController().signal,
      (_, name) => told.add(name),
    )
    expect(adapter).toContain('someone--Scenes-LoRA')
    expect([...told]).toEqual([ADAPTER_REPOSITORY])
    const again = await chooseCheckpoint(store, { model: 'base', adapter: ADAPTER_REPOSITORY })
    expect(again.adapter?.kind).toBe('here')
  })
})

describe('an adapter without a model', () => {
  const auto = async (
    store: ModelStore,
    adapter: string,
    options: Parameters<typeof chooseCheckpoint>[2] = {},
  ) => chooseCheckpoint(store, { model: AUTO_MODEL, adapter }, options)

  it.each([
    ['microsoft/Florence-2-base-ft', undefined, 'base-ft'],
    ['microsoft/Florence-2-base-ft', 'main', 'base-ft'],
    ['microsoft/Florence-2-base-ft', 'refs/pr/6', 'microsoft/Florence-2-base-ft@refs/pr/6'],
    ['microsoft/Florence-2-large', '21a599d414c4d928c9032694c424fb94458e3594', 'large-4k'],
    ['someone/model', undefined, 'someone/model'],
  ])('takes the installed model that it names: %s, revision %s', async (name, revision, model) => {
    const store = openStore()
    placeModel(store, model)
    expect((await auto(store, base(name, revision))).model).toMatchObject({
      kind: 'here',
      text: model,
    })
  })

  it('asks whether to fetch the model, with what that costs, and does as it is told', async () => {
    const store = openStore()
    const questions: string[] = []
    const say = (answer: boolean) => async (question: string) => {
      questions.push(question)
      return answer
    }
    const adapter = base('microsoft/Florence-2-base-ft')
    expect((await auto(store, adapter, { confirm: say(true) })).model).toMatchObject({
      kind: 'wanted',
      text: 'base-ft',
    })
    expect(questions).toEqual([
      `The adapter ${adapter} was trained on microsoft/Florence-2-base-ft, which is not on this machine. Download it (466 MB)?`,
    ])
    const error = await caughtError(() => auto(store, adapter, { confirm: say(false) }))
    expect(error.code).toBe('model_not_found')
  })

  it.each([
    [{ base_model_name_or_path: 'microsoft/Florence-2-base' }, 'Add --model base to download it'],
    [{ base_model_name_or_path: 'x/y', revision: 'v2' }, 'Add --model x/y@v2 to download it'],
    [
      { base_model_name_or_path: 'microsoft/Florence-2-large' },
      '--model large or --model large-4k',
    ],
    [{ base_model_name_or_path: '/content/model' }, 'add --model base, for example'],
    [{ base_model_name_or_path: './model' }, 'add --model base, for example'],
    [{ base_model_name_or_path: 'a b' }, 'add --model base, for example'],
    [{ base_model_name_or_path: '' }, 'add --model base, for example'],
    [{ base_model_name_or_path: null }, 'add --model base, for example'],
    [{}, 'add --model base, for example'],
  ])('says the --model to add where no one can be asked: %j', async (config, hint) => {
    const error = await caughtError(() => auto(openStore(), placeAdapter(config)))
    expect(['model_not_found', 'invalid_model']).toContain(error.code)
    expect(error.hint).toContain(hint)
  })

  it('never takes weights of another date for those that it was trained on', async () => {
    const store = openStore()
    placeModel(store, 'large')
    const error = await caughtError(() => auto(store, base('microsoft/Florence-2-large')))
    expect(error.message).toContain('which has had different weights over time')
  })

  it('is fetched to be asked', async () => {
    const hub = await openHub('microsoft/Florence-2-base')
    const store = openStore(hub)
    placeModel(store, 'base')
    const told = new Set<string>()
    const choice = await auto(store, ADAPTER_REPOSITORY, {
      onInstall: (_, name) => told.add(name),
    })
    expect(choice).toMatchObject({ id: 'florence-2-base+scenes-lora', model: { text: 'base' } })
    expect([...told]).toEqual([ADAPTER_REPOSITORY])
  })

  it('says offline which files of which model to place by hand', async () => {
    const store = openStore(undefined, true)
    const error = await caughtError(() => auto(store, base('microsoft/Florence-2-base')))
    expect(error.message).toBe('The model base is not on this machine, and FloCap is offline.')
    const adapterless = await caughtError(() => auto(store, ADAPTER_REPOSITORY))
    expect(adapterless.message).toBe(
      `The adapter ${ADAPTER_REPOSITORY} is not on this machine, and FloCap is offline.`,
    )
    expect(adapterless.hint).toContain('adapter_model.safetensors or adapter_model.bin')
  })
})

describe('--adapter', () => {
  it.each([
    ['base', 'Give it as a model: --model base.'],
    ['bundled', 'Give it as a model: --model bundled.'],
    ['no name at all', '--adapter someone/their-lora'],
    ['./nowhere', 'adapter_config.json'],
  ])('of %j is refused with what to write', async (adapter, hint) => {
    const error = await caughtError(() => chooseCheckpoint(openStore(), { model: 'base', adapter }))
    expect(error.hint).toContain(hint)
  })

  it('of a whole model in a folder is refused, and a model of an adapter', async () => {
    const store = openStore()
    const model = placeModel(store, 'someone/model')
    const adapter = base('x/y')
    const wrong = await caughtError(() =>
      chooseCheckpoint(store, { model: 'base', adapter: model }),
    )
    expect(wrong.message).toBe(`Expected a LoRA adapter, got the whole model ${model}.`)
    const other = await caughtError(() => chooseCheckpoint(store, { model: adapter, adapter: '' }))
    expect(other.message).toBe(`Expected a whole model, got the LoRA adapter ${adapter}.`)
  })
})
