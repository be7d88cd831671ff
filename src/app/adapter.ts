// The LoRA adapter that `--adapter` names, and the model that it belongs to.
import { readdir } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { FlocapError } from '../base/errors.ts'
import { readModelJson } from '../base/model-json.ts'
import { AUTO_MODEL, type Settings } from '../config/settings.ts'
import { hashText } from '../store/layout.ts'
import { findModel } from '../store/models.ts'
import type { ModelStore } from '../store/store.ts'
import { ADAPTER_CONFIG_FILE, baseModelOf } from '../weights/adapter.ts'
import { parseName } from './model-names.ts'

/** The adapter's folder; undefined where none is asked for. */
export function adapterFolder({ adapter }: Pick<Settings, 'adapter'>): string | undefined {
  return adapter === '' ? undefined : resolve(adapter)
}

/**
 * What `--model` means: with an adapter and no model named, the installed model that the adapter says
 * it was trained on.
 *
 * @throws FlocapError `model_not_found` or `invalid_model` when that cannot be told
 */
export async function modelWithAdapter(store: ModelStore, settings: Settings): Promise<string> {
  const folder = adapterFolder(settings)
  if (folder === undefined) return settings.model
  await assertAdapter(folder)
  if (settings.model !== AUTO_MODEL) return settings.model
  const base = baseModelOf(await readModelJson(folder, ADAPTER_CONFIG_FILE))
  if (base === null) {
    throw new FlocapError('invalid_model', `The adapter does not say which model it belongs to.`, {
      subject: folder,
      hint: 'Name the model: --model base, for example.',
    })
  }
  try {
    const name = parseName(base)
    if (name.kind === 'bundled' || (await findModel(store, name)) !== undefined) return base
  } catch {
    // A path on the machine that trained it: the person here knows what it was.
  }
  throw new FlocapError(
    'model_not_found',
    `The adapter was trained on ${base}, which is not on this machine.`,
    {
      subject: base,
      hint: `Fetch it with 'flocap pull ${base}', or name a copy of it with --model.`,
    },
  )
}

async function assertAdapter(folder: string): Promise<void> {
  const names: readonly string[] = await readdir(folder).catch(() => [])
  if (names.includes(ADAPTER_CONFIG_FILE)) return
  throw new FlocapError(
    'model_not_found',
    `Expected a folder with ${ADAPTER_CONFIG_FILE} for --adapter, got ${folder}.`,
    {
      subject: folder,
      hint: "An adapter on the Hub is downloaded first: 'hf download owner/name --local-dir folder'.",
    },
  )
}

/** The name of a model with an adapter in it, for clients. */
export function nameWithAdapter(id: string, adapter: string | undefined): string {
  return adapter === undefined ? id : `${id}+${basename(adapter).toLowerCase()}`
}

/** What tells the compiled forms of a model with an adapter from others, behind the form's name. */
export function adapterSuffix(adapter: string | undefined): string {
  return adapter === undefined ? '' : `${ADAPTER_MARK}${hashText(adapter)}`
}

/** The form's name in a variant with or without an adapter. */
export function formOfVariant(variant: string): string {
  return variant.split(ADAPTER_MARK)[0] ?? variant
}

const ADAPTER_MARK = '-adapter-'
