// The models that a running server knows, for its page: what there is, a download, another one to serve.
//
// Only models of FloCap's own list can be downloaded from there: each is pinned to a commit, and most of them
// to hashes. Whoever may use the API is not thereby the one who decides which repositories are trusted and
// how much disk they take; `flocap pull owner/name` is for whoever runs the server. What that has installed
// can be switched to.
import { FlocapError, toFlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { ManagedModels, ManagedState } from '../http/managed-models.ts'
import type { ModelEntry, SwitchState } from '../http/surfaces/manage/schema.ts'
import { measureFolder } from '../store/disk.ts'
import type { InstalledModel } from '../store/inspect.ts'
import { installModel } from '../store/install.ts'
import { listModels } from '../store/models.ts'
import { findKnownModel, KNOWN_MODELS } from '../store/registry.ts'
import type { ModelStore } from '../store/store.ts'
import { rememberModel } from './last-model.ts'
import type { CheckpointChoice } from './choose-checkpoint.ts'
import { nameOf, parseName } from './model-names.ts'
import { createModelPull, type ModelPull } from './model-pull.ts'
import { BUNDLED_SOURCE, chooseModel, type ModelChoice, type ModelSource } from './model-source.ts'
import { toHomeError } from './open-store.ts'
import { renderFailure } from './render-failure.ts'
import { type ServedModel, switchingTo } from './served-model.ts'

export interface ManagedModelsOptions {
  readonly store: ModelStore
  readonly served: Pick<ServedModel, 'choice' | 'switching' | 'switchTo'>
  /** Of this server's model: it fits no other one. */
  readonly hasAdapter: boolean
  /** Batches whose lines this server's model answers; all lines of one come from one model. */
  readonly openBatches: () => number
  readonly logger: Logger
}

export interface ClosableModels extends ManagedModels {
  /** Ends the download; a later one goes on from there. */
  close(): Promise<void>
}

/** An entry, and what `--model` takes for it. */
interface Listed {
  readonly entry: ModelEntry
  readonly text: string
}

const MILLION = 1_000_000
const BUNDLED = 'bundled'

export function createManagedModels(options: ManagedModelsOptions): ClosableModels {
  const { store, served, hasAdapter, openBatches, logger } = options
  const pull: ModelPull = createModelPull(async (name, { signal, onEvent }) => {
    try {
      const parsed = parseName(name)
      if (parsed.kind === 'bundled') return
      await installModel(store, parsed, { kind: 'model', signal, onEvent })
    } catch (error) {
      throw toHomeError(error, store.layout.root)
    }
  }, logger)
  /** Perhaps from a folder that is in no list. */
  const first = served.choice.model
  let lastSwitch: Omit<SwitchState, 'step'> | undefined

  async function list(): Promise<readonly Listed[]> {
    const { models } = await listModels(store)
    const { model: current } = served.choice
    const installed = await Promise.all(models.map(async (each) => toListed(store, each, current)))
    const isHere = new Set(installed.map(({ entry }) => entry.name))
    const listed = new Set([BUNDLED_SOURCE.folder, ...models.map(({ folder }) => folder)])
    return [
      bundledEntry(current),
      ...(first.kind === 'here' && !listed.has(first.source.folder)
        ? [await folderEntry(first.source, first.text, current)]
        : []),
      ...installed,
      ...KNOWN_MODELS.filter(({ name }) => !isHere.has(name)).map((known) => ({
        text: known.name,
        entry: {
          ...knownFields(known.name),
          name: known.name,
          demo: false,
          installed_bytes: null,
          serving: current.kind === 'wanted' && current.name.known?.name === known.name,
        },
      })),
    ]
  }

  function serving(): ManagedState['serving'] {
    const { model } = served.choice
    const reason = lastSwitch?.state === 'done' || served.switching ? 'switched to' : undefined
    const chosen = model.kind === 'here' ? model.reason : undefined
    return { name: nameOfChoice(model), reason: reason ?? chosen ?? 'asked for' }
  }

  async function choose(
    name: string,
  ): Promise<{ readonly choice: CheckpointChoice; text: string }> {
    const listed = (await list()).find(({ entry }) => entry.name === name)
    if (listed === undefined) throw noSuchModel(name)
    const { text } = listed
    const model = await chooseModel(store, text)
    if (model.kind === 'wanted') {
      throw new FlocapError('model_not_found', `The model ${name} is not on this machine.`, {
        hint: 'Pull it first.',
        subject: 'model',
      })
    }
    const { id, demo, fineTuneTasks } = model.source
    return {
      choice: { model: { ...model, text }, adapter: undefined, id, demo, fineTuneTasks },
      text,
    }
  }

  async function serve(name: string, choice: CheckpointChoice, text: string): Promise<void> {
    lastSwitch = { model: name, state: 'running', error: null }
    try {
      await served.switchTo(choice)
      lastSwitch = { model: name, state: 'done', error: null }
    } catch (error) {
      lastSwitch = { model: name, state: 'failed', error: renderFailure(toFlocapError(error)) }
      return
    }
    await rememberModel(store.layout.root, text).catch((err: unknown) => {
      logger.warn({ err }, 'the chosen model could not be remembered for the next start')
    })
  }

  return {
    serving,
    async state() {
      return {
        serving: serving(),
        models: (await list()).map(({ entry }) => entry),
        pull: pull.state(),
        switch:
          lastSwitch === undefined
            ? null
            : { ...lastSwitch, step: served.switching?.progress ?? lastSwitch.state },
      }
    },
    async pull(name) {
      const known = findKnownModel(name)
      if (known === undefined) throw noSuchModel(name)
      pull.start(known.name)
    },
    cancelPull: () => pull.cancel(),
    async switchTo(name) {
      const { choice, text } = await choose(name)
      // From here to the switch nothing is awaited, so that no batch begins in between.
      if (served.switching === undefined && isSame(served.choice.model, choice.model)) return
      assertMaySwitch(name)
      void serve(name, choice, text)
    },
    close: async () => pull.close(),
  }

  /** @throws FlocapError with what is in the way. */
  function assertMaySwitch(name: string): void {
    if (served.switching !== undefined) throw switchingTo(served.choice)
    if (hasAdapter) {
      throw new FlocapError(
        'invalid_request',
        `The adapter of this server belongs to its model, not to ${name}.`,
        { hint: 'Start FloCap without --adapter to switch models.', subject: 'model' },
      )
    }
    const open = openBatches()
    if (open === 0) return
    throw new FlocapError(
      'models_busy',
      `All lines of a batch are answered by one model, and ${open === 1 ? 'a batch is' : `${open} batches are`} open.`,
      { hint: 'Wait until they have ended, or cancel them.' },
    )
  }
}

async function toListed(
  store: ModelStore,
  model: InstalledModel,
  current: ModelChoice,
): Promise<Listed> {
  const { folder, id, known, repository, sizeBytes } = model
  const text = await nameOf(store, model)
  return {
    text,
    entry: {
      ...knownFields(known?.name ?? ''),
      // The path of a folder is nothing for those who ask from elsewhere.
      name: repository === undefined ? id : text,
      demo: false,
      installed_bytes: sizeBytes,
      serving: current.kind === 'here' && current.source.folder === folder,
    },
  }
}

/** Of the user's own. */
async function folderEntry(
  { id, folder }: ModelSource,
  text: string,
  current: ModelChoice,
): Promise<Listed> {
  return {
    text,
    entry: {
      ...knownFields(''),
      name: id,
      demo: false,
      installed_bytes: await measureFolder(folder),
      serving: current.kind === 'here' && current.source.folder === folder,
    },
  }
}

function bundledEntry(current: ModelChoice): Listed {
  return {
    text: BUNDLED,
    entry: {
      name: BUNDLED,
      note: 'The demo that comes with FloCap: it knows drawn scenes and nothing else.',
      licence: null,
      demo: true,
      parameters: null,
      download_bytes: null,
      installed_bytes: 0,
      serving: current.kind === 'here' && current.source.folder === BUNDLED_SOURCE.folder,
    },
  }
}

function knownFields(
  name: string,
): Pick<ModelEntry, 'note' | 'licence' | 'parameters' | 'download_bytes'> {
  const known = findKnownModel(name)
  return {
    note: known?.note ?? null,
    licence: known?.licence ?? null,
    parameters: known === undefined ? null : known.millionParameters * MILLION,
    download_bytes: known?.downloadBytes ?? null,
  }
}

/** Without the path of a folder. */
function nameOfChoice(model: ModelChoice): string {
  const { kind } = parseName(model.text)
  if (kind === 'folder' && model.kind === 'here') return model.source.id
  return findKnownModel(model.text)?.name ?? model.text
}

function isSame(a: ModelChoice, b: ModelChoice): boolean {
  return a.kind === 'here' && b.kind === 'here' && a.source.folder === b.source.folder
}

function noSuchModel(name: string): FlocapError {
  return new FlocapError(
    'model_not_found',
    `There is no model ${JSON.stringify(name)} in the list.`,
    {
      hint: "GET /api/v1/manage/models lists the names. 'flocap pull owner/name' fetches others.",
      subject: 'model',
    },
  )
}
