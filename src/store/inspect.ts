// Is this folder a complete model, and what is known of its files?
//
// Reading names and sizes is enough to tell and takes no time; hashes are compared when a model is
// fetched and when somebody asks for it (verify.ts).
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { systemCode } from '../base/system-errors.ts'
import { assertKind } from './contents-kind.ts'
import { storeError } from './failures.ts'
import {
  ADAPTER_CONFIG_FILE,
  CONFIG_FILE,
  type ContentsKind,
  parseShardIndex,
  sortContents,
  type WeightFiles,
} from '../weights/model-files.ts'
import {
  findSnapshot,
  isPointer,
  namesAround,
  POINTER_HINT,
  recogniseFolder,
} from './folder-kinds.ts'
import type { FolderModelName } from './model-name.ts'
import { type InstallRecord, readRecord } from './record.ts'
import type { KnownModel } from './registry.ts'

export interface InstalledModel {
  /** A LoRA adapter lies in the cache as a model does. */
  readonly kind: ContentsKind
  /** What clients see, such as `florence-2-large`. */
  readonly id: string
  readonly folder: string
  /** `owner/name` and commit; undefined for a folder of the user's own. */
  readonly repository: string | undefined
  readonly commit: string | undefined
  /** `download`: FloCap fetched it. `hand`: somebody put the files there. */
  readonly source: 'download' | 'hand'
  /** Whether all hashes were compared since the files came there. */
  readonly verified: boolean
  /** ISO 8601; undefined for a model placed by hand. */
  readonly installedAt: string | undefined
  readonly files: readonly InstalledFile[]
  /** SHA-256 by name, of files that have not changed since they were last hashed. */
  readonly knownHashes: Readonly<Record<string, string>>
  readonly sizeBytes: number
  /** The entry of the registry that it is. */
  readonly known: KnownModel | undefined
}

interface InstalledFile {
  readonly path: string
  readonly size: number
}

export type Inspection =
  | { readonly state: 'complete'; readonly model: InstalledModel }
  /** What is missing or wrong, one sentence part each. */
  | {
      readonly state: 'incomplete'
      readonly kind: ContentsKind
      readonly problems: readonly string[]
    }
  | { readonly state: 'absent' }

export interface InspectedAs {
  readonly repository?: string | undefined
  /** The commit that the folder is named after. */
  readonly commit?: string | undefined
  readonly known?: KnownModel | undefined
}

/** @throws FlocapError `invalid_model` when the record or an index of shards cannot be read. */
export async function inspectFolder(folder: string, as: InspectedAs = {}): Promise<Inspection> {
  let names: ReadonlySet<string>
  try {
    names = new Set(await readdir(folder))
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return { state: 'absent' }
    throw error
  }
  const record = await readRecord(folder)
  const { kind, files, problems, changed } = await findFiles(folder, names)
  const expected = [...(record?.files ?? []), ...(as.known?.files ?? [])]
  for (const { path, size } of expected) {
    const file = files.find((each) => each.path === path)
    if (!file) {
      // The registry pins files that not every use needs: vocab.json beside tokenizer.json.
      if (record) problems.push(`${path} is missing`)
    } else if (size !== undefined && size !== file.size) {
      problems.push(`${path} has ${file.size} bytes instead of ${size}`)
    }
  }
  if (problems.length > 0) return { state: 'incomplete', kind, problems: [...new Set(problems)] }
  return { state: 'complete', model: toModel(folder, { kind, files, changed }, record, as) }
}

/**
 * The model, or the adapter, in a folder of the user's own.
 *
 * @throws FlocapError `model_not_found` when there is no such folder, `invalid_model` with what is
 *   missing in it, or when it is of another kind than the wanted one.
 */
export async function requireFolder(
  { path }: FolderModelName,
  wanted?: ContentsKind,
): Promise<InstalledModel> {
  const kind = wanted ?? 'model'
  const given = resolve(path)
  const folder = (await findSnapshot(given)) ?? given
  const inspection = await inspectFolder(folder)
  if (inspection.state === 'complete') {
    assertKind(inspection.model.kind, wanted, path)
    return inspection.model
  }
  if (inspection.state === 'absent') {
    throw storeError('absent', `There is no ${kind} folder at ${path}.`, {
      subject: path,
      hint: `Give the folder that holds ${kind === 'model' ? CONFIG_FILE : ADAPTER_CONFIG_FILE} and the weights.`,
    })
  }
  assertKind(inspection.kind, wanted, path)
  const other = recogniseFolder(await namesAround(folder))
  const problems = inspection.problems.join('; ')
  const pointers = inspection.problems.some((problem) => problem.includes('Git LFS'))
  throw storeError(
    'damaged',
    other === undefined
      ? `The ${kind} folder is not complete: ${problems}.`
      : `The folder ${other.what}: ${problems}.`,
    {
      subject: path,
      hint: pointers
        ? POINTER_HINT
        : (other?.hint ?? `Put the ${kind}'s own files into ${folder}.`),
    },
  )
}

interface FoundFiles {
  readonly kind: ContentsKind
  readonly files: readonly InstalledFile[]
  /** When each was last written, in ms since 1970. */
  readonly changed: ReadonlyMap<string, number>
  readonly problems: string[]
}

async function findFiles(folder: string, names: ReadonlySet<string>): Promise<FoundFiles> {
  const { kind, weights, ...contents } = sortContents(names)
  const problems = contents.missing.map((name) => `${name} is missing`)
  const wanted = [...contents.files, ...(weights ? await listWeights(folder, weights) : [])]
  const files: InstalledFile[] = []
  const changed = new Map<string, number>()
  for (const path of wanted) {
    const found = await stat(join(folder, path)).catch(() => undefined)
    if (found?.isFile() === true) {
      files.push({ path, size: found.size })
      changed.set(path, found.mtimeMs)
      if (await isPointer(join(folder, path), found.size)) {
        problems.push(`${path} is a Git LFS pointer`)
      }
    } else problems.push(`${path} is missing`)
  }
  return { kind, files, problems, changed }
}

async function listWeights(folder: string, weights: WeightFiles): Promise<readonly string[]> {
  if (weights.kind === 'single') return [weights.file]
  const { index } = weights
  let json: unknown
  try {
    json = JSON.parse(await readFile(join(folder, index), 'utf8'))
  } catch (error) {
    throw storeError('damaged', `${index} is not JSON.`, { subject: index, cause: error })
  }
  return [index, ...parseShardIndex(json, index)]
}

function toModel(
  folder: string,
  { kind, files, changed }: Pick<FoundFiles, 'kind' | 'files' | 'changed'>,
  record: InstallRecord | undefined,
  { repository, commit, known }: InspectedAs,
): InstalledModel {
  const origin = record?.repository ?? repository
  return {
    kind,
    id: toModelId(folder, origin, known),
    folder,
    repository: origin,
    commit: record?.commit ?? commit,
    source: record?.endpoint === undefined || record.endpoint === null ? 'hand' : 'download',
    verified: record !== undefined,
    installedAt: record?.installedAt,
    files,
    knownHashes: record ? recordedHashes(record, changed) : {},
    sizeBytes: files.reduce((total, file) => total + file.size, 0),
    known,
  }
}

/** A record is written after its files: one that was written later is another file. */
function recordedHashes(
  { verifiedAt, files }: InstallRecord,
  changed: ReadonlyMap<string, number>,
): Readonly<Record<string, string>> {
  const hashedAt = Date.parse(verifiedAt)
  return Object.fromEntries(
    files
      // File systems count finer than the record does.
      .filter(({ path }) => Math.floor(changed.get(path) ?? Infinity) <= hashedAt)
      .map(({ path, sha256 }) => [path, sha256]),
  )
}

/** Two models of one repository have two ids where the registry has two names for them. */
export function toModelId(
  folder: string,
  repository: string | undefined,
  known: KnownModel | undefined,
): string {
  const alias = known?.aliases.find((each) => each.startsWith('florence-2-'))
  return alias ?? (repository?.split('/')[1] ?? basename(folder)).toLowerCase()
}
