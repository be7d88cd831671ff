// The compiled forms of a model, read as a whole: for `models verify` and `doctor`.
import { join } from 'node:path'
import { toFlocapError } from '../base/errors.ts'
import { checkContents } from '../compiled/contents.ts'
import { readManifest } from '../compiled/manifest.ts'
import { compiledParentOf, ORIGIN_FILE } from '../store/compiled.ts'
import { listFolder } from '../store/places.ts'
import type { ModelStore } from '../store/store.ts'
import type { ModelSource } from './model-source.ts'

export interface CheckedForm {
  /** The name of its folder, such as `auto` or `plain-fp32`. */
  readonly form: string
  /** What is wrong with it, one sentence part each; the next start that wants it makes it anew. */
  readonly problems: readonly string[]
}

/** Reads every file of every form. */
export async function checkCompiled(
  store: ModelStore,
  model: Pick<ModelSource, 'id' | 'folder'>,
): Promise<readonly CheckedForm[]> {
  const parent = compiledParentOf(store, model)
  const checked: CheckedForm[] = []
  for (const form of await listFolder(parent)) {
    if (form.startsWith('.') || form.startsWith(ORIGIN_FILE)) continue
    checked.push({ form, problems: await checkForm(join(parent, form)) })
  }
  return checked
}

async function checkForm(folder: string): Promise<readonly string[]> {
  try {
    return await checkContents(folder, (await readManifest(folder)).contents)
  } catch (error) {
    return [toFlocapError(error).message.replace(/\.$/, '')]
  }
}
