// Which model a name means, and where its files are.
import { createHash } from 'node:crypto'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What `--model` says for the miniature that ships with FloCap. */
const BUNDLED_NAME = 'bundled'
const BUNDLED_ID = 'flocap-demo'
/** Beside src/ in the repository and beside dist/ in the package. */
const BUNDLED_FOLDER = fileURLToPath(new URL(`../../models/${BUNDLED_ID}`, import.meta.url))

/** Hexadecimal digits that keep two folders of one name apart. */
const HASH_LENGTH = 12

export interface ModelSource {
  /** What clients see. */
  readonly id: string
  readonly demo: boolean
  /** Checkpoint folder. */
  readonly folder: string
  /** Where its compiled form belongs. */
  readonly compiled: string
}

/**
 * @param name `bundled` or a folder.
 * @param compiledRoot folder of all compiled models.
 */
export function findModelSource(name: string, compiledRoot: string): ModelSource {
  const demo = name === BUNDLED_NAME
  const folder = demo ? BUNDLED_FOLDER : resolve(name)
  const id = demo ? BUNDLED_ID : basename(folder).toLowerCase()
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, HASH_LENGTH)
  return { id, demo, folder, compiled: join(compiledRoot, `${id}-${hash}`) }
}
