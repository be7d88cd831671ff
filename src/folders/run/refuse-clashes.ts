// Pictures that would share a file are refused, and only they: one pair does not stop thousands.
import { extname } from 'node:path'
import { FlocapError } from '../../base/errors.ts'
import type { Format } from '../formats/format.ts'
import { findClashes, type Naming, nameStem } from '../formats/names.ts'
import type { Failure, PictureFile } from '../inputs/picture-file.ts'

export interface Distinct {
  readonly pictures: readonly PictureFile[]
  readonly clashes: readonly Failure[]
}

export function refuseClashes(
  pictures: readonly PictureFile[],
  formats: readonly Format[],
  naming: Naming,
): Distinct {
  // Rows are called by whole names: only two pictures of one name share one.
  const isBeside = formats.some(({ kind, id }) => kind === 'beside' || id === 'kohya')
  if (formats.length === 0) return { pictures, clashes: [] }
  const groups = findClashes(pictures, isBeside ? naming : 'full')
  const refused = new Set(groups.flat())
  return {
    pictures: pictures.filter((picture) => !refused.has(picture)),
    clashes: groups.flatMap((group) =>
      group.map((picture) => ({ label: picture.label, error: clash(group, picture, naming) })),
    ),
  }
}

function clash(group: readonly PictureFile[], { name }: PictureFile, naming: Naming): FlocapError {
  const others = group.filter((other) => other.name !== name).map((other) => other.name)
  const isSameName = others.length === 0
  const who = isSameName ? 'another picture of this name' : others.join(', ')
  const shared = nameStem({ ...group[0]!, name }, naming)
  const hint = isSameName
    ? 'Caption the folders one by one, each with its own --out.'
    : `--names full writes ${name}.txt and so on, with the ending ${extname(name)} in the name.`
  return new FlocapError('invalid_request', `Its file ${shared} would also be that of ${who}.`, {
    subject: '--names',
    hint,
  })
}
