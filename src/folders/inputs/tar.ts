// The members of a tar file: one pass tells where each lies, and then they are read there. A WebDataset
// shard is such a file, its members in samples of one key.
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { extract, type Header } from 'tar-stream'
import { SNIFFED_BYTES } from '../ports.ts'
import { type Archive, type ArchiveMember, damagedArchive } from './archive.ts'

/** @throws FlocapError `missing_image` when the file cannot be opened. */
export async function openTar(path: string): Promise<Archive> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    throw damagedArchive(path, error)
  }
  return { members: listMembers(path, file), close: async () => file.close() }
}

/** As tar-stream gives it; its types do not know of the offset. */
type PlacedHeader = Header & { readonly byteOffset?: number }

async function* listMembers(path: string, file: FileHandle): AsyncGenerator<ArchiveMember> {
  const stream = createReadStream(path)
  const entries = extract()
  stream.on('error', (error) => entries.destroy(error))
  stream.pipe(entries)
  try {
    for await (const entry of entries) {
      const { name, size, type, byteOffset }: PlacedHeader = entry.header
      if (type === 'file' && byteOffset !== undefined) {
        const read = async (bytes: number): Promise<Uint8Array> => readAt(file, byteOffset, bytes)
        const start = await read(Math.min(size, SNIFFED_BYTES))
        yield { name: name.replace(/^(?:\.\/)+/, ''), size, start, read: async () => read(size) }
      }
      entry.resume()
    }
  } catch (error) {
    throw damagedArchive(path, error)
  } finally {
    stream.destroy()
  }
}

async function readAt(file: FileHandle, offset: number, bytes: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(bytes)
  let done = 0
  while (done < bytes) {
    const { bytesRead } = await file.read(buffer, done, bytes - done, offset + done)
    if (bytesRead === 0) throw new RangeError('the file is shorter than its members')
    done += bytesRead
  }
  return buffer
}
