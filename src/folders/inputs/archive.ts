// What zip and tar files have in common: members that are pictures, read one by one.
import { stat } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'
import { FlocapError } from '../../base/errors.ts'
import type { RecognisePicture } from '../ports.ts'
import { classifyFile, isIgnoredName } from './classify.ts'
import type { LeftOut, PictureFile, Stamp } from './picture-file.ts'

export interface ArchiveMember {
  /** With `/`, as the archive has it. */
  readonly name: string
  readonly size: number
  /** What it takes in the archive; absent where nothing is compressed. */
  readonly packedSize?: number
  /** Its first bytes. */
  readonly start: Uint8Array
  readonly read: () => Promise<Uint8Array>
}

export interface Archive {
  readonly members: AsyncIterable<ArchiveMember>
  close(): Promise<void>
}

/** Larger pictures are captioned from a folder. */
const MAX_MEMBER_BYTES = 512 * 1024 * 1024
/** What grows a hundredfold out of an archive to more than this is a bomb: several are read at once. */
const MAX_GROWN_BYTES = 64 * 1024 * 1024
const MAX_GROWTH = 100

/** `photos.zip` has its captions in `photos.captions`: beside it, and never among other pictures. */
export const CAPTIONS_ENDING = '.captions'

export interface ArchivePlace {
  readonly output: string
  /** In front of each name, because several archives share one folder. */
  readonly prefix: string
}

/**
 * @param out the folder that was chosen for all output.
 * @param folder that it was found in: archives of one name in different folders have different places.
 */
export function placeOfArchive(
  path: string,
  out: string | undefined,
  folder: string = dirname(path),
): ArchivePlace {
  const stem = basename(path, extname(path))
  if (out === undefined) {
    return { output: join(dirname(path), `${stem}${CAPTIONS_ENDING}`), prefix: '' }
  }
  const inner = relative(resolve(folder), resolve(dirname(path)))
  return { output: out, prefix: `${join(inner, stem).replaceAll(sep, '/')}/` }
}

export interface FoundMembers {
  readonly pictures: readonly PictureFile[]
  readonly leftOut: readonly LeftOut[]
}

/** The pictures of an archive in their order in it. @throws FlocapError when it is damaged. */
export async function findMembers(
  path: string,
  archive: Archive,
  place: ArchivePlace,
  recognise: RecognisePicture,
): Promise<FoundMembers> {
  const { size, mtimeMs } = await stat(path)
  const pictures: PictureFile[] = []
  const leftOut: LeftOut[] = []
  const names = new Set<string>()
  for await (const member of archive.members) {
    const label = `${path}/${member.name}`
    if (isUnsafeName(member.name)) {
      leftOut.push({ label, kind: 'unsafe name', reason: 'its name leads out of the folder' })
      continue
    }
    if (member.name.split('/').some((part) => isIgnoredName(part))) continue
    const found = classifyFile(member.name, member.start, recognise)
    if (found.kind === 'left-out') {
      leftOut.push({ label, kind: found.counted, reason: found.reason })
    }
    if (found.kind !== 'picture') continue
    if (names.has(member.name)) {
      leftOut.push({ label, kind: 'repeated name', reason: 'an earlier member has the same name' })
      continue
    }
    names.add(member.name)
    pictures.push({
      label,
      name: `${place.prefix}${member.name}`,
      output: place.output,
      archive: path,
      // A member has changed at the earliest when its archive has.
      stamp: async (): Promise<Stamp> => ({ size: size + member.size, mtimeMs }),
      read: async () => readMember(member, label),
    })
  }
  return { pictures, leftOut }
}

async function readMember(member: ArchiveMember, label: string): Promise<Uint8Array> {
  const { size, packedSize = size } = member
  const isBomb = size > MAX_GROWN_BYTES && size > MAX_GROWTH * packedSize
  if (size > MAX_MEMBER_BYTES || isBomb) {
    throw new FlocapError(
      'image_too_large',
      'The picture is too large for a member of an archive.',
      {
        subject: label,
        hint: 'Unpack the archive and caption the folder.',
      },
    )
  }
  return member.read()
}

/** Its captions would be written outside of the output folder. */
function isUnsafeName(name: string): boolean {
  return /^(?:[/\\]|[a-z]:)/i.test(name) || name.split(/[/\\]/).includes('..')
}

export function damagedArchive(path: string, cause: unknown): FlocapError {
  return new FlocapError('missing_image', 'The archive is damaged or of another kind.', {
    subject: path,
    hint: 'Zip and uncompressed tar files are read. Unpack others and caption the folder.',
    cause,
  })
}
