// Pictures that would share a file are refused, and only they: one pair does not stop thousands.
import { extname, join } from 'node:path'
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
  const filesOf = (picture: PictureFile): readonly string[] =>
    formats.map((format) => {
      if (format.kind === 'beside') return format.fileOf(picture)
      // Rows are called by whole names, except where the trainer leaves the ending away.
      const row = format.id === 'kohya' ? nameStem(picture, naming) : picture.name
      return join(picture.output, format.id, row)
    })
  const clashes = new Map<PictureFile, readonly PictureFile[]>()
  for (const group of findClashes(pictures, filesOf).values()) {
    for (const picture of group) if (!clashes.has(picture)) clashes.set(picture, group)
  }
  return {
    pictures: pictures.filter((picture) => !clashes.has(picture)),
    clashes: pictures.flatMap((picture) => {
      const group = clashes.get(picture)
      return group === undefined
        ? []
        : [{ label: picture.label, error: clash(group, picture, naming) }]
    }),
  }
}

function clash(group: readonly PictureFile[], { name }: PictureFile, naming: Naming): FlocapError {
  const others = group.filter((other) => other.name !== name).map((other) => other.name)
  const isSameName = others.length === 0
  const who = isSameName ? 'another picture of this name' : others.join(', ')
  const shared = nameStem({ ...group[0]!, name }, naming)
  const hint = isSameName
    ? 'Caption the folders one by one, each with its own --out.'
    : `--names full writes ${name}.txt and so on, with the ending ${extname(name)} in the name; leave --xmp-name out.`
  return new FlocapError('invalid_request', `Its file ${shared} would also be that of ${who}.`, {
    subject: '--names',
    hint,
  })
}
