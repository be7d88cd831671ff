// The names of models as `--model` takes them: read from a text, and given back to people.
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { FlocapError } from '../base/errors.ts'
import type { InstalledModel } from '../store/inspect.ts'
import { type ModelName, parseModelName } from '../store/model-name.ts'
import { listModels } from '../store/models.ts'
import { readRef } from '../store/refs.ts'
import type { ModelStore } from '../store/store.ts'

/** Names of the models in the cache, as `--model` takes them. */
export async function nameInstalled(store: ModelStore): Promise<readonly string[]> {
  const { models } = await listModels(store)
  return Promise.all(models.map((model) => nameOf(store, model)))
}

/** The shortest name that means this very model. */
export async function nameOf(store: ModelStore, model: InstalledModel): Promise<string> {
  const { known, repository, commit, folder } = model
  if (known) return known.name
  if (repository === undefined) return folder
  const revision = commit ?? basename(folder)
  const isMain = revision === 'main' || (await readRef(store, repository, 'main')) === revision
  return isMain ? repository : `${repository}@${revision}`
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
