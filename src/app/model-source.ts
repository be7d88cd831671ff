// Which model a name means: one that is here, or one that has to be fetched first.
//
// A model that the user has named is that model or an error. Only where nobody has named one does
// FloCap choose, and then among what is here: see docs/decisions/0006-default-model.md.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { FlocapError } from '../base/errors.ts'
import { AUTO_MODEL } from '../config/settings.ts'
import { toModelId } from '../store/inspect.ts'
import { installModel } from '../store/install.ts'
import { type HubModelName, type ModelName, parseModelName } from '../store/model-name.ts'
import { findModel } from '../store/models.ts'
import type { ModelStore } from '../store/store.ts'

const BUNDLED_ID = 'flocap-demo'
/** Beside src/ in the repository and beside dist/ in the package. */
const BUNDLED_FOLDER = fileURLToPath(new URL(`../../models/${BUNDLED_ID}`, import.meta.url))
/** What the first FloCap captioned with. */
const DEFAULT_MODEL = 'large'

export interface ModelSource {
  /** What clients see. */
  readonly id: string
  readonly demo: boolean
  /** Checkpoint folder. */
  readonly folder: string
}

/** The miniature that comes with FloCap. */
export const BUNDLED_SOURCE: ModelSource = { id: BUNDLED_ID, demo: true, folder: BUNDLED_FOLDER }

export type ModelChoice =
  | { readonly kind: 'here'; readonly source: ModelSource }
  | { readonly kind: 'wanted'; readonly id: string; readonly name: HubModelName }

/**
 * @param text what `--model` says
 * @throws FlocapError `model_not_found` for a name that is none, a folder that is not there, or a
 *   model that is not here while FloCap is offline; `invalid_model` for a folder that is no model.
 */
export async function chooseModel(store: ModelStore, text: string): Promise<ModelChoice> {
  const isAuto = text === AUTO_MODEL
  const name = parseName(isAuto ? DEFAULT_MODEL : text)
  if (name.kind === 'bundled') return { kind: 'here', source: BUNDLED_SOURCE }
  const model = await findModel(store, name)
  if (model) {
    return { kind: 'here', source: { id: model.id, demo: false, folder: model.folder } }
  }
  if (isAuto) return { kind: 'here', source: BUNDLED_SOURCE }
  if (name.kind === 'folder' || store.offline) {
    // Nothing is fetched: what comes back is the error with the files to place by hand.
    const { id, folder } = await installModel(store, name)
    return { kind: 'here', source: { id, demo: false, folder } }
  }
  return { kind: 'wanted', id: toModelId('', name.repository, name.known), name }
}

/** As `parseModelName`, and helps those who leave out the `./` of a folder. */
export function parseName(text: string): ModelName {
  try {
    return parseModelName(text)
  } catch (error) {
    if (!(error instanceof FlocapError) || !existsSync(text)) throw error
    throw new FlocapError(error.code, error.message, {
      subject: text,
      hint: `There is a folder of this name: write ./${text} if you mean it.`,
      cause: error,
    })
  }
}
