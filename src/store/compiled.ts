// Where a model's compiled forms lie, and which of them nobody needs any more.
//
//   compiled/<id>-<hash of the model's folder>/origin.json    which model it was made from
//   compiled/<id>-<hash of the model's folder>/<variant>/     what the compiler writes
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { makeFolder } from '../base/make-folder.ts'
import { renamePatiently } from '../base/durable-files.ts'
import { measureFolder } from './disk.ts'
import { type InstalledModel, inspectFolder } from './inspect.ts'
import { hashText, toSafeName } from './layout.ts'
import { listFolder } from './places.ts'
import type { ModelStore } from './store.ts'

/** Beside the forms, in the same folder. */
export const ORIGIN_FILE = 'origin.json'
/** Compilers write under a name that begins with a dot and rename at the end; older ones crashed. */
const ABANDONED_MS = 24 * 60 * 60 * 1000

const originSchema = z.object({ folder: z.string() })

/**
 * The folder for one compiled form, whose parent exists and tells what it belongs to.
 *
 * @param variant names precision and whatever else makes two forms differ
 */
export async function prepareCompiledFolder(
  store: ModelStore,
  model: Pick<InstalledModel, 'id' | 'folder'>,
  variant: string,
): Promise<string> {
  const parent = compiledParentOf(store, model)
  await makeFolder(parent)
  const origin = join(parent, ORIGIN_FILE)
  if ((await readOrigin(parent)) !== model.folder) {
    const temporary = `${origin}.${process.pid}.tmp`
    await writeFile(temporary, `${JSON.stringify({ folder: model.folder })}\n`)
    await renamePatiently(temporary, origin)
  }
  return compiledFolderOf(store, model, variant)
}

/** Where that form lies, or would. @param variant as of `prepareCompiledFolder` */
export function compiledFolderOf(
  store: ModelStore,
  model: Pick<InstalledModel, 'id' | 'folder'>,
  variant: string,
): string {
  return join(compiledParentOf(store, model), toSafeName(variant))
}

export function compiledParentOf(
  store: ModelStore,
  model: Pick<InstalledModel, 'id' | 'folder'>,
): string {
  return join(store.layout.compiled, toSafeName(`${model.id}-${hashText(model.folder)}`))
}

/** What tells the compiled forms of a model with an adapter in it from others, behind the variant. */
export function adapterSuffix(adapterFolder: string): string {
  return `${ADAPTER_MARK}${hashText(adapterFolder)}`
}

/** A variant without its adapter. */
export function plainVariant(variant: string): string {
  return variant.split(ADAPTER_MARK)[0] ?? variant
}

const ADAPTER_MARK = '-adapter-'

/** The compiled forms of any model that have this adapter in them. */
export async function listMerged(
  store: ModelStore,
  adapterFolder: string,
): Promise<readonly string[]> {
  const { compiled } = store.layout
  const merged: string[] = []
  for (const name of await listFolder(compiled)) {
    for (const variant of await listFolder(join(compiled, name))) {
      if (variant.endsWith(adapterSuffix(adapterFolder))) merged.push(join(compiled, name, variant))
    }
  }
  return merged
}

export interface PruneOptions {
  /** Whether a form is still of use, by its variant; all are when this is absent. */
  readonly isCurrent?: (variant: string) => boolean
}

export interface Pruned {
  readonly folder: string
  readonly bytes: number
}

/**
 * Removes compiled forms whose model is gone, forms that are not current, and what compilers that
 * crashed have left. Folders that do not say what they belong to are left alone.
 */
export async function pruneCompiled(
  store: ModelStore,
  options: PruneOptions = {},
): Promise<readonly Pruned[]> {
  const { isCurrent = (): boolean => true } = options
  const pruned: Pruned[] = []
  const remove = async (folder: string): Promise<void> => {
    pruned.push({ folder, bytes: await measureFolder(folder) })
    await rm(folder, { recursive: true, force: true })
  }
  for (const name of await listFolder(store.layout.compiled)) {
    const parent = join(store.layout.compiled, name)
    const origin = await readOrigin(parent)
    if (origin === undefined) continue
    const model = await inspectFolder(origin).catch(() => undefined)
    if (model?.state === 'absent') {
      await remove(parent)
      continue
    }
    for (const variant of await listFolder(parent)) {
      if (variant.startsWith(ORIGIN_FILE)) continue
      const folder = join(parent, variant)
      const isOld = variant.startsWith('.') ? await isAbandoned(folder) : !isCurrent(variant)
      if (isOld) await remove(folder)
    }
  }
  return pruned
}

async function readOrigin(parent: string): Promise<string | undefined> {
  try {
    const origin = originSchema.safeParse(
      JSON.parse(await readFile(join(parent, ORIGIN_FILE), 'utf8')),
    )
    return origin.success ? origin.data.folder : undefined
  } catch {
    return undefined
  }
}

async function isAbandoned(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > ABANDONED_MS
}
