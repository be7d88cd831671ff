// WebDataset shards: tar files whose members come in samples of one key. A shard that was read is copied
// with captions in it (`rewrite-shard.ts`); pictures of folders are packed into shards. The files that
// were read are never changed, and a shard that is there as it would be written is left alone.
import { dirname, extname, join } from 'node:path'
import { FlocapError } from '../../base/errors.ts'
import { systemCode } from '../../base/system-errors.ts'
import type { PictureFile } from '../inputs/picture-file.ts'
import { makeOutputFolder } from '../journal/open-place.ts'
import type { WholeFiles } from '../journal/whole-files.ts'
import type { Captioned, CollectedFile, CollectedFormat, Row } from './format.ts'
import { toPictureJson } from './json.ts'
import { isTar } from './names.ts'
import { rewriteShard } from './rewrite-shard.ts'
import { SHARD_SAMPLES, shardKey, shardName, shardNames } from './shards.ts'
import { type AddMember, writeTarFile } from './tar-file.ts'

const SAMPLE_DIGITS = 9

export const WEBDATASET_FORMAT: CollectedFormat = {
  kind: 'collected',
  id: 'webdataset',
  async open(output, { pictures, wholes }): Promise<CollectedFile> {
    for (const name of shardNames(output, pictures)) await wholes.assertOurs(name)
    return {
      // A shard is written as a whole, from what the journal knows.
      has: () => false,
      async finish(rows, isComplete) {
        if (isComplete) await writeShards(output, rows, wholes)
      },
    }
  },
}

async function writeShards(
  output: string,
  rows: AsyncIterable<Row>,
  wholes: WholeFiles,
): Promise<void> {
  let shard = 0
  const gone: string[] = []
  for await (const all of partsOf(rows)) {
    const part = await takeThere(all, gone)
    const [first] = part
    if (first === undefined) continue
    const { archive } = first.picture
    const number = shard
    const name = shardName(output, first.picture, number)
    if (!isTar(archive)) shard += 1
    const key = await shardKey(part)
    if (await wholes.isThere(name, key)) continue
    const path = join(output, name)
    await makeOutputFolder(dirname(path))
    await writeTarFile(
      path,
      async (add) =>
        isTar(archive) ? rewriteShard(archive, part, add) : packShard(part, number, add),
      async (unfinished) => wholes.record(name, key, unfinished),
    )
  }
  const [one, ...more] = gone
  if (one === undefined) return
  const others = more.length === 0 ? '' : ` So are ${more.length} more.`
  throw new FlocapError(
    'missing_image',
    `It was captioned, and gone when shards were packed.${others}`,
    {
      subject: one,
      hint: 'The shards have the other pictures.',
    },
  )
}

/** Those whose files are there still. */
async function takeThere(
  part: readonly Captioned[],
  gone: string[],
): Promise<readonly Captioned[]> {
  const there: Captioned[] = []
  for (const captioned of part) {
    try {
      await captioned.picture.stamp()
      there.push(captioned)
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error
      gone.push(captioned.picture.label)
    }
  }
  return there
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
async function packShard(part: readonly Captioned[], shard: number, add: AddMember): Promise<void> {
  for (const [index, captioned] of part.entries()) {
    const { picture, captions } = captioned
    const key = String(shard * SHARD_SAMPLES + index).padStart(SAMPLE_DIGITS, '0')
    await add(`${key}${endingOf(picture)}`, await picture.read())
    await add(`${key}.txt`, captions.join('\n'))
    await add(`${key}.json`, JSON.stringify({ key, ...toPictureJson(picture.name, captioned) }))
  }
}

function endingOf({ name }: PictureFile): string {
  return extname(name).toLowerCase() || '.img'
}
