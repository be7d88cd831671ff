// Published facts about the real models that are not part of the repository: tests use them where
// they are and are skipped where they are not.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(process.env['FLOCAP_REFERENCE_DATA'] ?? join('..', 'shared', 'data'))

/** For `describe.skipIf(!hasReferenceData)`. */
export const hasReferenceData = existsSync(join(ROOT, 'florence2'))

/** @param path below the folder of reference data, such as `florence2/images/car.png`. */
export function referencePath(path: string): string {
  return join(ROOT, path)
}

export function readReferenceJson(path: string): unknown {
  return JSON.parse(readFileSync(referencePath(path), 'utf8'))
}
