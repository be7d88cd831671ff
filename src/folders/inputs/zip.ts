// The members of a zip file, by its directory at the end: each is read where it lies.
import { buffer } from 'node:stream/consumers'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { SNIFFED_BYTES } from '../ports.ts'
import { type Archive, type ArchiveMember, damagedArchive } from './archive.ts'

/** @throws FlocapError `missing_image` when it is no zip file. */
export async function openZip(path: string): Promise<Archive> {
  let zip: ZipFile
  try {
    zip = await openPromise(path, { autoClose: false })
  } catch (error) {
    throw damagedArchive(path, error)
  }
  return {
    members: listMembers(path, zip),
    async close() {
      zip.close()
    },
  }
}

async function* listMembers(path: string, zip: ZipFile): AsyncGenerator<ArchiveMember> {
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue
      yield {
        name: entry.fileName,
        size: entry.uncompressedSize,
        packedSize: entry.compressedSize,
        start: await readStartOf(zip, entry),
        // yauzl checks that no more bytes come than the directory announces.
        read: async () => readEntry(path, zip, entry),
      }
    }
  } catch (error) {
    throw damagedArchive(path, error)
  }
}

async function readStartOf(zip: ZipFile, entry: Entry): Promise<Uint8Array> {
  const stream = await zip.openReadStreamPromise(entry)
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    bytes += chunk.byteLength
    if (bytes >= SNIFFED_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, SNIFFED_BYTES)
}

async function readEntry(path: string, zip: ZipFile, entry: Entry): Promise<Uint8Array> {
  try {
    return await buffer(await zip.openReadStreamPromise(entry))
  } catch (error) {
    throw damagedArchive(path, error)
  }
}
