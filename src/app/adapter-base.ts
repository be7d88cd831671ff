// The model that an adapter was trained on, where `--model` does not say.
import { existsSync } from 'node:fs'
import { FlocapError } from '../base/errors.ts'
import { formatBytes } from '../base/format-bytes.ts'
import { readModelJson } from '../base/model-json.ts'
import type { InstalledModel } from '../store/inspect.ts'
import {
  type HubModelName,
  type ModelName,
  parseModelName,
  renderModelName,
} from '../store/model-name.ts'
import { findModel } from '../store/models.ts'
import { findKnownRevision, KNOWN_MODELS, type KnownModel } from '../store/registry.ts'
import type { ModelStore } from '../store/store.ts'
import { type BaseModel, baseModelOf } from '../weights/adapter.ts'
import { ADAPTER_CONFIG_FILE } from '../weights/model-files.ts'

/** Asks the person at the terminal; undefined without a terminal. */
export type Confirm = (question: string) => Promise<boolean>

/** @throws FlocapError `invalid_model` for a file that cannot be read */
export async function readBaseModel(adapter: InstalledModel): Promise<BaseModel | undefined> {
  return baseModelOf(await readModelJson(adapter.folder, ADAPTER_CONFIG_FILE))
}

/**
 * The base model of an adapter, as `--model` takes it: the one that is here, or one to fetch if the
 * person at the terminal agrees.
 *
 * @throws FlocapError `invalid_model` or `model_not_found` with the `--model` to add
 */
export async function chooseBase(
  store: ModelStore,
  adapter: InstalledModel,
  text: string,
  confirm?: Confirm,
): Promise<string> {
  const base = await readBaseModel(adapter)
  if (base === undefined) {
    throw new FlocapError(
      'invalid_model',
      `The adapter ${text} does not say which model it was trained on.`,
      { subject: text, hint: 'Name the model: add --model base, for example.' },
    )
  }
  const name = parseBase(base)
  if (name?.kind === 'bundled' || (name?.kind === 'folder' && existsSync(name.path))) {
    return base.name
  }
  if (name?.kind !== 'hub') {
    throw new FlocapError(
      'model_not_found',
      `The adapter ${text} was trained on ${base.name}, which is a path on another machine.`,
      { subject: text, hint: 'Name the model that it was: add --model base, for example.' },
    )
  }
  if (await findModel(store, name)) return renderModelName(name)
  const known = knownModelsOf(name, base)
  const [only, ...others] = known
  if (others.length > 0) throw ambiguous(text, base, known)
  const wanted = only?.name ?? renderModelName(name)
  if (only !== undefined && (await isHere(store, only))) return wanted
  // Then what starts with it says which files to place by hand.
  if (store.offline) return wanted
  const size = (only ?? name.known)?.downloadBytes
  const costs = size === undefined ? '' : ` (${formatBytes(size)})`
  const statement = `The adapter ${text} was trained on ${base.name}, which is not on this machine.`
  if ((await confirm?.(`${statement} Download it${costs}?`)) === true) return wanted
  throw new FlocapError('model_not_found', statement, {
    subject: base.name,
    hint: `Add --model ${wanted} to download it${costs}, or --model with a copy of it.`,
  })
}

/** Undefined for what is neither a repository nor a folder. */
function parseBase({ name, revision }: BaseModel): ModelName | undefined {
  try {
    return parseModelName(revision === undefined ? name : `${name}@${revision}`)
  } catch {
    return undefined
  }
}

/**
 * The short names that the plain name of a repository may mean. It says no commit, and a short name
 * stands for one.
 */
function knownModelsOf(
  { repository }: HubModelName,
  { revision }: BaseModel,
): readonly KnownModel[] {
  if (revision !== undefined && revision !== 'main') return []
  return KNOWN_MODELS.filter((model) => model.repository === repository)
}

async function isHere(store: ModelStore, { repository, revision }: KnownModel): Promise<boolean> {
  const known = findKnownRevision(repository, revision)
  return (await findModel(store, { kind: 'hub', repository, revision, known })) !== undefined
}

/** With the weights of another date the adapter would fit, and answer worse. */
function ambiguous(text: string, base: BaseModel, known: readonly KnownModel[]): FlocapError {
  return new FlocapError(
    'model_not_found',
    `The adapter ${text} was trained on ${base.name}, which has had different weights over time.`,
    {
      subject: base.name,
      hint: `Say which: ${known.map(({ name }) => `--model ${name}`).join(' or ')}. See docs/guide/models.md.`,
    },
  )
}
