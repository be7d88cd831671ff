// Tar files for tests.
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { pack } from 'tar-stream'

/** The same members make the same file. */
const NO_TIME = new Date(0)

export async function writeTar(
  path: string,
  members: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  const tar = pack()
  for (const [name, data] of Object.entries(members)) {
    tar.entry({ name, mtime: NO_TIME }, Buffer.from(data))
  }
  tar.finalize()
  await pipeline(tar, createWriteStream(path))
}
