// Pulling and switching, as the page asks for them, with a real store and a hub of the test's own.
import { describe, expect, it, onTestFinished } from 'vitest'
import { caughtError } from '../../test/support/caught-error.ts'
import { demoRepository } from '../../test/support/demo-hub.ts'
import { type StandInHub, startStandInHub } from '../../test/support/stand-in-hub.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { FlocapError } from '../base/errors.ts'
import { silentLogger } from '../base/log.ts'
import { findKnownModel } from '../store/registry.ts'
import { createModelStore } from '../store/store.ts'
import type { CheckpointChoice } from './choose-checkpoint.ts'
import { readLastModel } from './last-model.ts'
import { createManagedModels, type ManagedModelsOptions } from './managed-models.ts'
import { BUNDLED_SOURCE } from './model-source.ts'

/** Of FloCap's list, without hashes that a stand-in could not have. */
const NAME = 'cogflorence-2.1'
const { repository, revision } = findKnownModel(NAME)!
/** The same with hashes: it cannot be pretended. */
const PINNED = 'base'

async function openHub(): Promise<StandInHub> {
  const pinned = findKnownModel(PINNED)!
  const hub = await startStandInHub({
    repositories: {
      [repository]: demoRepository({ commit: revision }),
      [pinned.repository]: demoRepository({ commit: pinned.revision }),
    },
  })
  onTestFinished(async () => hub.close())
  return hub
}

interface Options extends Partial<Pick<ManagedModelsOptions, 'hasAdapter' | 'openBatches'>> {
  readonly offline?: boolean
  readonly root?: string
  /** Fails with it. */
  readonly failure?: Error
  /** A switch ends no sooner. */
  readonly held?: Promise<void>
  /** Of the disk. */
  readonly freeBytes?: number
}

async function create({
  hasAdapter = false,
  openBatches = () => 0,
  offline = false,
  root = temporaryFolder(),
  failure,
  held,
  freeBytes,
}: Options = {}) {
  const hub = await openHub()
  const opened = createModelStore({ root, offline, hub: { endpoint: hub.endpoint } })
  const store =
    freeBytes === undefined
      ? opened
      : { ...opened, fileSystem: { ...opened.fileSystem, freeBytes: async () => freeBytes } }
  const switched: string[] = []
  let choice: CheckpointChoice = {
    model: { kind: 'here', source: BUNDLED_SOURCE, text: 'bundled', reason: 'none installed' },
    adapter: undefined,
    id: BUNDLED_SOURCE.id,
    demo: true,
    fineTuneTasks: [],
  }
  let switching: { readonly progress: string } | undefined
  const models = createManagedModels({
    store,
    served: {
      get choice() {
        return choice
      },
      get switching() {
        return switching
      },
      async switchTo(next) {
        switched.push(next.id)
        const before = choice
        choice = next
        switching = { progress: 'loading' }
        await held
        switching = undefined
        if (failure === undefined) return
        choice = before
        throw failure
      },
    },
    hasAdapter,
    openBatches,
    logger: silentLogger,
  })
  onTestFinished(async () => models.close())
  const pullState = async () => (await models.state()).pull
  return {
    hub,
    root,
    models,
    switched,
    pullState,
    pulled: async (): Promise<void> => {
      await models.pull(NAME)
      await expect.poll(async () => (await pullState())?.state).toBe('done')
    },
    entry: async (name: string) => (await models.state()).models.find((each) => each.name === name),
  }
}

describe('a pull', () => {
  it('fetches a model of the list, and says how far it is', async () => {
    const { hub, models, pullState, entry } = await create()
    hub.fail({
      path: 'model.safetensors',
      server: 'cdn',
      kind: 'slow',
      chunkBytes: 500_000,
      pauseMs: 30,
    })
    expect(await entry(NAME)).toMatchObject({
      installed_bytes: null,
      download_bytes: 1_648_000_000,
    })
    await models.pull(NAME)
    expect(await pullState()).toMatchObject({ model: NAME, state: 'running', error: null })
    await expect.poll(async () => (await pullState())?.seconds_left ?? null).not.toBeNull()
    const under = await pullState()
    expect(under?.step).toMatch(/^downloading \d+ %$/)
    expect(under?.received_bytes).toBeLessThan(under?.total_bytes ?? 0)
    expect(under?.bytes_per_second).toBeGreaterThan(0)
    expect(await caughtError(() => models.pull(NAME))).toMatchObject({ code: 'models_busy' })
    await expect.poll(async () => (await pullState())?.state).toBe('done')
    const done = await pullState()
    expect(done).toMatchObject({ received_bytes: done?.total_bytes, seconds_left: null })
    expect((await entry(NAME))?.installed_bytes).toBeGreaterThan(20_000_000)
  })

  it('goes on where a cancelled one stopped', async () => {
    const { hub, models, pullState, pulled } = await create()
    hub.fail({
      path: 'model.safetensors',
      server: 'cdn',
      kind: 'slow',
      chunkBytes: 500_000,
      pauseMs: 50,
    })
    await models.pull(NAME)
    await expect.poll(async () => (await pullState())?.received_bytes).toBeGreaterThan(8_000_000)
    models.cancelPull()
    await expect.poll(async () => (await pullState())?.state).toBe('cancelled')
    expect((await pullState())?.error).toBeNull()
    expect(await caughtError(async () => models.cancelPull())).toMatchObject({ code: 'not_found' })
    await pulled()
    const ranges = hub.downloadsOf('model.safetensors').map(({ range }) => range)
    expect(ranges.at(-1)).toMatch(/^bytes=[1-9]\d*-$/)
  })

  it('fails with what the command would say', async () => {
    const offline = await create({ offline: true })
    await offline.models.pull(NAME)
    await expect.poll(async () => (await offline.pullState())?.state).toBe('failed')
    expect((await offline.pullState())?.error?.code).toBe('model_not_found')
    const other = await create()
    await other.models.pull(PINNED)
    await expect.poll(async () => (await other.pullState())?.state).toBe('failed')
    expect((await other.pullState())?.error).toMatchObject({ code: 'invalid_model' })
    // A failed one is in nobody's way.
    await other.pulled()
    const full = await create({ freeBytes: 1000 })
    await full.models.pull(NAME)
    await expect.poll(async () => (await full.pullState())?.state).toBe('failed')
    expect((await full.pullState())?.error).toMatchObject({ code: 'disk_full' })
  })

  it.each(['someone/else', `${repository}@${revision}`, './models', 'bundled', 'no-such-name', ''])(
    'of %j is refused: only names of the list are fetched',
    async (name) => {
      const { models, hub } = await create()
      expect(await caughtError(() => models.pull(name))).toMatchObject({ code: 'model_not_found' })
      expect(hub.requests).toEqual([])
    },
  )

  it('ends with the server', async () => {
    const { hub, models, pullState } = await create()
    hub.fail({ path: 'model.safetensors', server: 'cdn', kind: 'stall', afterBytes: 1000 })
    await models.pull(NAME)
    await expect.poll(async () => (await pullState())?.received_bytes).toBeGreaterThan(0)
    await models.close()
    expect((await pullState())?.state).toBe('cancelled')
  })
})

describe('a switch', () => {
  it('is to what is installed, is told, and remembered for the next start', async () => {
    let finish = (): void => undefined
    const held = new Promise<void>((resolve) => {
      finish = resolve
    })
    const { models, root, pulled, switched, entry } = await create({ held })
    expect(models.serving()).toEqual({ name: 'bundled', reason: 'none installed' })
    expect(await caughtError(() => models.switchTo(NAME))).toMatchObject({
      code: 'model_not_found',
      hint: 'Pull it first.',
    })
    await pulled()
    await models.switchTo(NAME)
    expect((await models.state()).switch).toMatchObject({ state: 'running', step: 'loading' })
    expect(await caughtError(() => models.switchTo('bundled'))).toMatchObject({
      code: 'models_busy',
    })
    finish()
    await expect.poll(async () => (await models.state()).switch?.state).toBe('done')
    expect(models.serving()).toEqual({ name: NAME, reason: 'switched to' })
    expect(await entry(NAME)).toMatchObject({ serving: true })
    expect(await entry('bundled')).toMatchObject({ serving: false })
    await expect.poll(async () => readLastModel(root)).toBe(NAME)
    // What is served already needs no switch.
    await models.switchTo(NAME)
    expect(switched).toHaveLength(1)
    // The demo is not remembered: a start falls back to it where there is nothing else.
    await models.switchTo('bundled')
    await expect
      .poll(async () => (await models.state()).switch)
      .toMatchObject({ model: 'bundled', state: 'done' })
    expect(await readLastModel(root)).toBe(NAME)
  })

  it('that fails says why, and is not remembered', async () => {
    const failure = new FlocapError('invalid_model', 'Broken.', { hint: 'Pull it again.' })
    const { models, root, pulled } = await create({ failure })
    await pulled()
    await models.switchTo(NAME)
    await expect
      .poll(async () => (await models.state()).switch)
      .toEqual({
        model: NAME,
        state: 'failed',
        step: 'failed',
        error: { code: 'invalid_model', message: 'Broken.', hint: 'Pull it again.' },
      })
    expect(models.serving()).toEqual({ name: 'bundled', reason: 'none installed' })
    expect(await readLastModel(root)).toBeUndefined()
  })

  it('waits for open batches to end, whose lines are all for one model', async () => {
    let open = 2
    const { models, pulled, switched } = await create({ openBatches: () => open })
    await pulled()
    expect(await caughtError(() => models.switchTo(NAME))).toMatchObject({
      code: 'models_busy',
      message: 'All lines of a batch are answered by one model, and 2 batches are open.',
    })
    open = 0
    await models.switchTo(NAME)
    expect(switched).toHaveLength(1)
  })

  it('is refused by a server with an adapter, which fits its own model', async () => {
    const { models, pulled, switched } = await create({ hasAdapter: true })
    await pulled()
    expect(await caughtError(() => models.switchTo(NAME))).toMatchObject({
      code: 'invalid_request',
      hint: 'Start FloCap without --adapter to switch models.',
    })
    expect(switched).toEqual([])
  })

  it('does not wait for a download', async () => {
    const { hub, models, pullState, switched } = await create()
    hub.fail({ path: 'model.safetensors', server: 'cdn', kind: 'stall', afterBytes: 1000 })
    await models.pull(NAME)
    await expect.poll(async () => (await pullState())?.received_bytes).toBeGreaterThan(0)
    expect(await caughtError(() => models.switchTo(NAME))).toMatchObject({
      code: 'model_not_found',
    })
    await models.switchTo('bundled')
    expect(switched).toEqual([])
  })
})
