// The LoRA adapter that `--adapter` names: in a folder, in the cache, or still on the Hub.
import { statSync } from 'node:fs'
import { FlocapError } from '../base/errors.ts'
import { type InstalledModel, toModelId } from '../store/inspect.ts'
import { type InstallOptions, installModel } from '../store/install.ts'
import { type FolderModelName, type HubModelName, parseModelName } from '../store/model-name.ts'
import { findModel } from '../store/models.ts'
import type { ModelStore } from '../store/store.ts'

export type AdapterChoice = { readonly text: string; readonly id: string } & (
  | { readonly kind: 'here'; readonly adapter: InstalledModel }
  | { readonly kind: 'wanted'; readonly name: HubModelName }
)

/**
 * @param text what `--adapter` says; a folder of that name comes before a repository
 * @returns undefined where no adapter is asked for
 * @throws FlocapError `model_not_found` for what is neither, or is not here while FloCap is offline;
 *   `invalid_model` for what is no adapter.
 */
export async function chooseAdapter(
  store: ModelStore,
  text: string,
): Promise<AdapterChoice | undefined> {
  if (text === '') return undefined
  const name = parseAdapterName(text)
  const adapter = await findModel(store, name, 'adapter')
  if (adapter) return { kind: 'here', text, id: adapter.id, adapter }
  if (name.kind === 'folder' || store.offline) {
    // Nothing is fetched: what comes back is the error with the files to place by hand.
    const placed = await installModel(store, name, { kind: 'adapter' })
    return { kind: 'here', text, id: placed.id, adapter: placed }
  }
  return { kind: 'wanted', text, id: toModelId('', name.repository, undefined), name }
}

/** @throws FlocapError as `installModel` */
export async function fetchAdapter(
  store: ModelStore,
  choice: AdapterChoice,
  options: Pick<InstallOptions, 'signal' | 'onEvent'> = {},
): Promise<InstalledModel> {
  if (choice.kind === 'here') return choice.adapter
  return installModel(store, choice.name, { ...options, kind: 'adapter' })
}

/** The name of a model with an adapter in it, for clients. */
export function nameWithAdapter(id: string, adapter: { readonly id: string } | undefined): string {
  return adapter === undefined ? id : `${id}+${adapter.id}`
}

function parseAdapterName(text: string): FolderModelName | HubModelName {
  if (statSync(text, { throwIfNoEntry: false })?.isDirectory() === true) {
    return { kind: 'folder', path: text }
  }
  const name = parseOrRefuse(text)
  if (name.kind !== 'bundled' && !(name.kind === 'hub' && name.known)) return name
  throw new FlocapError('invalid_model', `Expected a LoRA adapter, got the model ${text}.`, {
    subject: text,
    hint: `Give it as a model: --model ${text}.`,
  })
}

function parseOrRefuse(text: string): ReturnType<typeof parseModelName> {
  try {
    return parseModelName(text)
  } catch (error) {
    throw new FlocapError(
      'model_not_found',
      `Expected a folder or the owner/name of a LoRA adapter, got '${text}'.`,
      {
        subject: text,
        hint: 'For example --adapter ./my-adapter, or --adapter someone/their-lora.',
        cause: error,
      },
    )
  }
}
