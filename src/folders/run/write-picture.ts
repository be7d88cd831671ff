// Writes what came out for a picture: its line in the journal first, which says what the files will hold,
// then the files.
import { dirname } from 'node:path'
import { replaceFile } from '../../base/replace-file.ts'
import type { AnsweredPicture } from '../ask/answer-questions.ts'
import { isPictureItself } from '../formats/embed.ts'
import type { Captioned } from '../formats/format.ts'
import type { PictureEntry } from '../journal/entry.ts'
import { makeOutputFolder } from '../journal/open-place.ts'
import { sha256 } from './keys.ts'
import type { OutputPlace } from './output-place.ts'
import type { Work } from './plan.ts'

export interface Written {
  readonly digest: string
  readonly keys: readonly string[]
  readonly answered: AnsweredPicture
}

/** @throws FlocapError `disk_full` or `file_not_written`; the next run goes on from the journal. */
export async function writePicture(
  place: OutputPlace,
  { writes, known, stamp, missing }: Work,
  captioned: Captioned,
  { digest, keys, answered }: Written,
): Promise<void> {
  const { name } = captioned.picture
  const contents: WrittenFile[] = []
  const files: PictureEntry['files'] = missing.length === 0 ? { ...known?.files } : {}
  for (const { format, file, before } of writes) {
    const content = await format.render(captioned, before)
    if (content === undefined) continue
    const isPicture = isPictureItself(captioned.picture, file)
    contents.push({ file, content, isPicture })
    files[format.id] = {
      sha256: sha256(content),
      ...(isPicture ? { size: Buffer.byteLength(content) } : {}),
      ...(before === undefined ? {} : { before: sha256(before) }),
    }
  }
  const isRecorded = missing.length === 0 && known?.name === name && contents.length === 0
  if (!isRecorded) {
    await place.record({ name, sha256: digest, ...stamp, asked: [...keys], answered, files })
  }
  place.touch(name)
  for (const { file, content, isPicture } of contents) {
    await makeOutputFolder(dirname(file))
    await replaceFile(file, content)
    if (isPicture) await place.recordEmbedded(name, await captioned.picture.stamp())
  }
}

interface WrittenFile {
  readonly file: string
  readonly content: Uint8Array | string
  /** The picture that was read: its file is another one now. */
  readonly isPicture: boolean
}
