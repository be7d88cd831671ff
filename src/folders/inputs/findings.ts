// What is looked for in the arguments of a command, and what has been found so far.
import { join, resolve } from 'node:path'
import type { RecognisePicture } from '../ports.ts'
import type { Archive } from './archive.ts'
import { createExclusion } from './globs.ts'
import type { Failure, LeftOut, PictureFile } from './picture-file.ts'

export interface FindOptions {
  /** Also the folders inside folders. */
  readonly recursive: boolean
  /** The folder for everything that is written; beside the pictures without it. */
  readonly out?: string | undefined
  /** Patterns of names: archives that fit are not opened. */
  readonly exclude?: readonly string[] | undefined
  /** Once so many pictures are found no further archive is opened: reading one takes a while. */
  readonly limit?: number | undefined
  /** Whether folders without pictures are looked through for archives; false leaves img2dataset's. */
  readonly archivesOfFolders?: boolean
  readonly recognise: RecognisePicture
}

export interface Findings {
  readonly pictures: PictureFile[]
  readonly leftOut: LeftOut[]
  readonly failures: Failure[]
  /** By absolute path. */
  readonly archives: Map<string, Archive>
}

export function createFindings(): Findings {
  return { pictures: [], leftOut: [], failures: [], archives: new Map() }
}

export function hasEnough({ pictures }: Findings, { exclude = [], limit }: FindOptions): boolean {
  if (limit === undefined || pictures.length < limit) return false
  const isExcluded = createExclusion(exclude)
  return withoutRepeated(pictures).filter(({ name }) => !isExcluded(name)).length >= limit
}

/** A picture that two arguments name comes once. */
export function withoutRepeated(pictures: readonly PictureFile[]): readonly PictureFile[] {
  const seen = new Set<string>()
  return pictures.filter(({ path, output, name, label }) => {
    const key = path === undefined ? label : `${resolve(path)}\n${join(output, name)}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
