import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { caughtError } from '../../test/support/caught-error.ts'
import { hubName } from '../../test/support/model-repository.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { REQUIRED_FILES } from '../weights/model-files.ts'
import { folderOf } from '../store/places.ts'
import { createModelStore, type ModelStore } from '../store/store.ts'
import { rememberModel } from './last-model.ts'
import { chooseModel } from './model-source.ts'

function openStore(offline = false): ModelStore {
  return createModelStore({ root: temporaryFolder(), offline })
}

/** Files of the right names and sizes, which is what a start looks at. */
function place(store: ModelStore, model: string): string {
  const { repository, revision, known } = hubName(model)
  const folder = folderOf(store, repository, revision)
  mkdirSync(folder, { recursive: true })
  const sizes = new Map(known?.files.map(({ path, size }) => [path, size ?? 2]))
  for (const path of [...REQUIRED_FILES, 'pytorch_model.bin', ...sizes.keys()]) {
    writeFileSync(join(folder, path), '{}')
    truncateSync(join(folder, path), sizes.get(path) ?? 2)
  }
  return folder
}

describe('without --model', () => {
  it('is the demo on a machine that has nothing else, with no look at the network', async () => {
    const choice = await chooseModel(openStore(), 'auto')
    expect(choice).toMatchObject({
      kind: 'here',
      source: { id: 'flocap-demo', demo: true },
      reason: 'none installed',
    })
  })

  it('is the only model that is installed, whichever it is', async () => {
    const store = openStore()
    const folder = place(store, 'base')
    expect(await chooseModel(store, 'auto')).toEqual({
      kind: 'here',
      source: {
        id: 'florence-2-base',
        demo: false,
        folder,
        knownHashes: {},
        fineTuneTasks: [],
      },
      text: 'base',
      reason: 'the only one installed',
    })
  })

  it('is the one that was named last, over all others', async () => {
    const store = openStore()
    for (const name of ['large', 'base', 'base-ft']) place(store, name)
    await rememberModel(store.layout.root, 'base-ft')
    expect(await chooseModel(store, 'auto')).toMatchObject({
      source: { id: 'florence-2-base-ft' },
      text: 'base-ft',
      reason: 'named last',
    })
  })

  it('is large, else base, where several are installed and none was named yet', async () => {
    const store = openStore()
    for (const name of ['base', 'base-ft']) place(store, name)
    expect(await chooseModel(store, 'auto')).toMatchObject({ text: 'base', reason: 'preferred' })
    place(store, 'large')
    expect(await chooseModel(store, 'auto')).toMatchObject({ text: 'large', reason: 'preferred' })
  })

  it('is the demo, and says that others are here, where the choice would be a guess', async () => {
    const store = openStore()
    for (const name of ['base-ft', 'large-ft']) place(store, name)
    expect(await chooseModel(store, 'auto')).toMatchObject({ text: 'bundled', reason: 'unclear' })
  })

  it('goes on without a model that was named last and is gone', async () => {
    const store = openStore()
    place(store, 'base')
    for (const gone of ['large', join(store.layout.root, 'gone'), 'no name at all']) {
      writeFileSync(join(store.layout.root, 'last-model'), `${gone}\n`)
      expect(await chooseModel(store, 'auto')).toMatchObject({ text: 'base' })
    }
  })
})

describe('a model by its name', () => {
  it('is the demo only when it is called so', async () => {
    expect(await chooseModel(openStore(), 'bundled')).toMatchObject({
      kind: 'here',
      source: { demo: true },
    })
  })

  it('is fetched where it is not here, by short name or repository', async () => {
    expect(await chooseModel(openStore(), 'base')).toMatchObject({
      kind: 'wanted',
      id: 'florence-2-base',
      name: { repository: 'microsoft/Florence-2-base' },
    })
    expect(await chooseModel(openStore(), 'someone/Their-Model@v2')).toMatchObject({
      kind: 'wanted',
      id: 'their-model',
      name: { repository: 'someone/Their-Model', revision: 'v2' },
    })
  })

  it('is never replaced by another one that happens to be here', async () => {
    const store = openStore(true)
    place(store, 'large')
    const error = await caughtError(() => chooseModel(store, 'base'))
    expect(error.code).toBe('model_not_found')
    expect(error.message).toBe('The model base is not on this machine, and FloCap is offline.')
    expect(error.hint).toContain(join(store.layout.models, 'microsoft--Florence-2-base'))
  })

  it('that means nothing is refused with the names that do', async () => {
    const error = await caughtError(() => chooseModel(openStore(), 'huge'))
    expect(error.message).toBe("There is no model called 'huge'.")
    expect(error.hint).toContain('bundled, base, base-ft, large')
  })

  it('that is a folder without ./ is refused with what to write', async () => {
    const error = await caughtError(() => chooseModel(openStore(), 'src'))
    expect(error.code).toBe('model_not_found')
    expect(error.hint).toBe('There is a folder of this name: write ./src if you mean it.')
  })
})
