// Shards that could not be written as themselves: a copy in the place of its original or of another
// copy, and packed pictures among copies. Known before anything is captioned.
import { resolve } from 'node:path'
import { FlocapError } from '../../base/errors.ts'
import type { Format } from '../formats/format.ts'
import { isTar, shardCopy } from '../formats/names.ts'
import type { PictureFile } from '../inputs/picture-file.ts'
import type { Distinct } from './refuse-clashes.ts'

/** Pictures of refused archives fail together, one failure for each archive. */
export function refuseShards(
  pictures: readonly PictureFile[],
  formats: readonly Format[],
): Distinct {
  if (!formats.some(({ id }) => id === 'webdataset')) return { pictures, clashes: [] }
  const reasons = new Map<string, string | undefined>()
  const owners = new Map<string, string>()
  const outputs = new Set<string>()
  for (const picture of pictures) {
    const { archive, output } = picture
    if (!isTar(archive) || reasons.has(archive)) continue
    const copy = resolve(shardCopy(archive, picture))
    const owner = owners.get(copy)
    owners.set(copy, owner ?? archive)
    outputs.add(resolve(output))
    if (copy === resolve(archive)) reasons.set(archive, 'Its copy would replace it.')
    else if (owner === undefined) reasons.set(archive, undefined)
    else reasons.set(archive, `Its copy would be that of ${owner}.`)
  }
  const loose = pictures.find(
    ({ archive, output }) => !isTar(archive) && outputs.has(resolve(output)),
  )
  if (loose !== undefined) {
    throw new FlocapError(
      'invalid_request',
      `Expected tar files or pictures for --format webdataset, got both: ${loose.label} would be packed among copies of shards.`,
      { subject: '--out', hint: 'Caption them by two commands, each with its own --out.' },
    )
  }
  return {
    pictures: pictures.filter(({ archive }) => !isTar(archive) || !reasons.get(archive)),
    clashes: [...reasons].flatMap(([archive, reason]) => {
      const hint = 'Choose another --out for it.'
      return reason === undefined
        ? []
        : [
            {
              label: archive,
              error: new FlocapError('invalid_request', reason, { subject: '--out', hint }),
            },
          ]
    }),
  }
}
