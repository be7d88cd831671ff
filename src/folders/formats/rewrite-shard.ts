// A WebDataset shard with captions in it: every member is copied, `key.txt` gets the caption, `key.json`
// (what img2dataset knows of the picture) keeps its fields and gets `flocap`.
import { createReadStream } from 'node:fs'
import { posix } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { extract } from 'tar-stream'
import { z } from 'zod'
import type { Captioned } from './format.ts'
import { toPictureJson } from './json.ts'
import { sampleKey } from './names.ts'
import type { AddMember } from './tar-file.ts'

const fields = z.record(z.string(), z.unknown())

/** @param captioned pictures of this shard; samples of others stay as they are. */
export async function rewriteShard(
  from: string,
  captioned: readonly Captioned[],
  add: AddMember,
): Promise<void> {
  const byKey = new Map(captioned.map((each) => [keyOf(memberName(each, from)), each]))
  const entries = extract()
  const stream = createReadStream(from)
  stream.on('error', (error) => entries.destroy(error))
  stream.pipe(entries)
  let sample: Sample | undefined
  for await (const entry of entries) {
    if (entry.header.type !== 'file') {
      entry.resume()
      continue
    }
    const { name } = entry.header
    const key = keyOf(name)
    if (sample?.key !== key) {
      await finishSample(sample, add)
      sample = { key, captioned: byKey.get(key) }
    }
    const content = await buffer(entry)
    const isReplaced = sample.captioned !== undefined && sample.captioned.captions.length > 0
    if (isReplaced && name === `${key}.txt`) continue
    if (isReplaced && name === `${key}.json`) sample.json = content
    else await add(name, content)
  }
  await finishSample(sample, add)
}

interface Sample {
  readonly key: string
  readonly captioned: Captioned | undefined
  json?: Buffer
}

async function finishSample(sample: Sample | undefined, add: AddMember): Promise<void> {
  if (sample?.captioned === undefined) return
  const { key, captioned, json } = sample
  const [caption] = captioned.captions
  if (caption === undefined) return
  const file = posix.basename(captioned.picture.name)
  await add(`${key}.txt`, captioned.captions.join('\n'))
  await add(`${key}.json`, JSON.stringify(mergeJson(json, toPictureJson(file, captioned))))
}

/** What cannot be read as an object is kept as it is, under a name of its own. */
function mergeJson(before: Buffer | undefined, ours: ReturnType<typeof toPictureJson>): unknown {
  if (before === undefined) return ours
  try {
    return { ...fields.parse(JSON.parse(before.toString('utf8'))), flocap: ours }
  } catch {
    return { original: before.toString('utf8'), flocap: ours }
  }
}

/** With its folder; up to the first dot of the name. */
function keyOf(name: string): string {
  const folder = posix.dirname(name)
  const key = sampleKey(posix.basename(name))
  return folder === '.' ? key : `${folder}/${key}`
}

/** The name in the shard: with one folder for several shards it has the shard's name in front. */
function memberName({ picture: { label } }: Captioned, archive: string): string {
  return label.slice(archive.length + 1)
}
