// Which shards a run writes: a copy of each tar file that it reads, and numbered ones for other pictures.
import { createHash } from 'node:crypto'
import { relative, sep } from 'node:path'
import type { PictureFile } from '../inputs/picture-file.ts'
import type { Captioned } from './format.ts'
import { toPictureJson } from './json.ts'
import { isTar, shardCopy } from './names.ts'

/** Samples of a shard, as img2dataset packs them. */
export const SHARD_SAMPLES = 10_000
/** Of a shard's name; its samples have four digits more. */
const SHARD_DIGITS = 5
/** Of what `shardKey` covers: a version that writes other members is another one. */
const LAYOUT = 1

/**
 * Within the output folder, with `/`: a tar file's copy, or a packed shard by its number.
 * @param picture any of the shard.
 */
export function shardName(output: string, picture: PictureFile, packed: number): string {
  const { archive } = picture
  if (!isTar(archive)) return `${String(packed).padStart(SHARD_DIGITS, '0')}.tar`
  return relative(output, shardCopy(archive, picture)).replaceAll(sep, '/')
}

/** Of all shards that these pictures may come into: members of tar files, or others. */
export function shardNames(output: string, pictures: readonly PictureFile[]): readonly string[] {
  const names = new Set<string>()
  for (const [index, picture] of pictures.entries()) {
    names.add(shardName(output, picture, Math.floor(index / SHARD_SAMPLES)))
  }
  return [...names]
}

/** Of everything that a shard's content depends on: the same again means the same bytes. */
export async function shardKey(captioned: readonly Captioned[]): Promise<string> {
  const hash = createHash('sha256').update(`${LAYOUT}`)
  for (const each of captioned) {
    const { picture, captions } = each
    const { size, mtimeMs } = await picture.stamp()
    const json = toPictureJson(picture.name, each)
    hash.update(JSON.stringify([picture.label, size, mtimeMs, captions, json]))
  }
  return hash.digest('hex')
}
