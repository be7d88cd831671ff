// WebDataset shards: tar files whose members come in samples of one key. A shard that was read is written
// anew with captions in it (`rewrite-shard.ts`); pictures of folders are packed into shards. The files
// that were read are never changed.
import { dirname, extname, join } from 'node:path'
import { makeFolder } from '../../base/make-folder.ts'
import type { PictureFile } from '../inputs/picture-file.ts'
import type { Captioned, CollectedFile, CollectedFormat, Row } from './format.ts'
import { toPictureJson } from './json.ts'
import { isTar, shardCopy } from './names.ts'
import { rewriteShard } from './rewrite-shard.ts'
import { writeTarFile } from './tar-file.ts'

/** Samples of a shard, as img2dataset packs them. */
const SHARD_SAMPLES = 10_000
/** Of a shard's name; its samples have four digits more. */
const SHARD_DIGITS = 5
const SAMPLE_DIGITS = 9

export const WEBDATASET_FORMAT: CollectedFormat = {
  kind: 'collected',
  id: 'webdataset',
  async open(output): Promise<CollectedFile> {
    return {
      // A shard is written as a whole, from what the journal knows.
      has: () => false,
      async finish(rows, isComplete) {
        if (isComplete) await writeShards(output, rows)
      },
    }
  },
}

async function writeShards(output: string, rows: AsyncIterable<Row>): Promise<void> {
  let shard = 0
  for await (const part of partsOf(rows)) {
    const [first] = part
    if (first === undefined) continue
    const { archive } = first.picture
    if (isTar(archive)) {
      const copy = shardCopy(archive, first.picture)
      await makeFolder(dirname(copy))
      await rewriteShard(archive, copy, part)
    } else {
      await packShard(join(output, `${pad(shard, SHARD_DIGITS)}.tar`), part, shard)
      shard += 1
    }
  }
}

/** Pictures of one archive, or as many of folders as one shard takes. */
async function* partsOf(rows: AsyncIterable<Row>): AsyncGenerator<readonly Captioned[]> {
  let part: Captioned[] = []
  let archive: string | undefined
  for await (const { captioned } of rows) {
    if (captioned === undefined) continue
    const own = isTar(captioned.picture.archive) ? captioned.picture.archive : undefined
    if (own !== archive || (own === undefined && part.length === SHARD_SAMPLES)) {
      yield part
      part = []
      archive = own
    }
    if (own !== undefined || captioned.captions.length > 0) part.push(captioned)
  }
  yield part
}

/** Samples are numbered, because names of pictures may have dots and a key ends at the first one. */
async function packShard(path: string, part: readonly Captioned[], shard: number): Promise<void> {
  await writeTarFile(path, async (add) => {
    for (const [index, captioned] of part.entries()) {
      const { picture, captions } = captioned
      const key = pad(shard * SHARD_SAMPLES + index, SAMPLE_DIGITS)
      await add(`${key}${endingOf(picture)}`, await picture.read())
      await add(`${key}.txt`, captions.join('\n'))
      await add(`${key}.json`, JSON.stringify({ key, ...toPictureJson(picture.name, captioned) }))
    }
  })
}

function endingOf({ name }: PictureFile): string {
  return extname(name).toLowerCase() || '.img'
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
