// Which model a name means: one that is here, or one that has to be fetched first.
//
// A model that the user has named is that model or an error. Only where none is named does FloCap
// choose, and then among what is here: see docs/decisions/0006-default-model.md.
import { fileURLToPath } from 'node:url'
import { AUTO_MODEL } from '../config/settings.ts'
import { type InstalledModel, toModelId } from '../store/inspect.ts'
import { installModel } from '../store/install.ts'
import type { HubModelName } from '../store/model-name.ts'
import { findModel, listModels } from '../store/models.ts'
import type { ModelStore } from '../store/store.ts'
import { readLastModel } from './last-model.ts'
import { nameOf, parseName } from './model-names.ts'

const BUNDLED_ID = 'flocap-demo'
/** Beside src/ in the repository and beside dist/ in the package. */
const BUNDLED_FOLDER = fileURLToPath(new URL(`../../models/${BUNDLED_ID}`, import.meta.url))
/** Where several are installed and none was named yet: what the first FloCap captioned with, then the other one of Microsoft's. */
const PREFERRED_MODELS = ['large', 'base']

export interface ModelSource {
  /** What clients see. */
  readonly id: string
  readonly demo: boolean
  /** Checkpoint folder. */
  readonly folder: string
  /** As of `InstalledModel`. */
  readonly knownHashes: Readonly<Record<string, string>>
  /** As of `KnownModel`. */
  readonly fineTuneTasks: readonly string[] | undefined
}

/** The miniature that comes with FloCap. */
export const BUNDLED_SOURCE: ModelSource = {
  id: BUNDLED_ID,
  demo: true,
  folder: BUNDLED_FOLDER,
  knownHashes: {},
  fineTuneTasks: [],
}

/** Why a start without `--model` took what it took. */
export type AutoReason =
  | 'named last'
  | 'the only one installed'
  | 'preferred'
  | 'none installed'
  /** Several are installed, and none of them is one that FloCap would pick by itself. */
  | 'unclear'

export type ModelChoice =
  | {
      readonly kind: 'here'
      readonly source: ModelSource
      /** As `--model` takes it. */
      readonly text: string
      /** Absent for a model that was named. */
      readonly reason?: AutoReason
    }
  | {
      readonly kind: 'wanted'
      readonly id: string
      readonly text: string
      readonly name: HubModelName
    }

/**
 * @param text what `--model` says
 * @throws FlocapError `model_not_found` for a name that is none, a folder that is not there, or a
 *   model that is not here while FloCap is offline; `invalid_model` for a folder that is no model.
 */
export async function chooseModel(store: ModelStore, text: string): Promise<ModelChoice> {
  if (text === AUTO_MODEL) return chooseInstalled(store)
  const name = parseName(text)
  if (name.kind === 'bundled') return { kind: 'here', source: BUNDLED_SOURCE, text }
  const model = await findModel(store, name)
  if (model) return here(text, model)
  if (name.kind === 'folder' || store.offline) {
    // Nothing is fetched: what comes back is the error with the files to place by hand.
    return here(text, await installModel(store, name, { kind: 'model' }))
  }
  return { kind: 'wanted', id: toModelId('', name.repository, name.known), text, name }
}

/** Looks at the disk only, and never fails: the demo is always here. */
async function chooseInstalled(store: ModelStore): Promise<ModelChoice> {
  const last = await readLastModel(store.layout.root)
  const named = last === undefined ? undefined : await findByText(store, last)
  if (last !== undefined && named) return { ...here(last, named), reason: 'named last' }
  const { models } = await listModels(store)
  const [only, ...others] = models
  if (only !== undefined && others.length === 0) {
    return { ...here(await nameOf(store, only), only), reason: 'the only one installed' }
  }
  for (const text of PREFERRED_MODELS) {
    const model = await findByText(store, text)
    if (model) return { ...here(text, model), reason: 'preferred' }
  }
  const reason = only === undefined ? 'none installed' : 'unclear'
  return { kind: 'here', source: BUNDLED_SOURCE, text: 'bundled', reason }
}

/** Undefined for a model that is not here any more, a folder that was moved included. */
async function findByText(store: ModelStore, text: string): Promise<InstalledModel | undefined> {
  try {
    const name = parseName(text)
    return name.kind === 'bundled' ? undefined : await findModel(store, name)
  } catch {
    return undefined
  }
}

function here(
  text: string,
  model: InstalledModel,
): Extract<ModelChoice, { readonly kind: 'here' }> {
  return { kind: 'here', source: toSource(model), text }
}

export function toSource({ id, folder, knownHashes, known }: InstalledModel): ModelSource {
  return { id, demo: false, folder, knownHashes, fineTuneTasks: known?.fineTuneTasks }
}
