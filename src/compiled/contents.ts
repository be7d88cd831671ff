// Whether the files of a compiled folder still are what the compiler wrote.
//
// A disk that fails or a copy that stopped half-way leaves weights that load and answer nonsense. A
// CRC finds any such damage, and at some 4 GB/s it costs a start less than loading does, so all of
// every file is read each time, not samples of it. It is no proof against an attacker, who could as
// well write another manifest: whoever writes here is trusted as much as FloCap itself.
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

/** Large steps, so that the event loop is asked seldom; one takes a millisecond. */
const CHUNK_BYTES = 4 * 1024 * 1024

export interface FileContent {
  /** A plain name: everything lies at the top of the folder. */
  readonly name: string
  readonly bytes: number
  readonly crc32: number
}

/** Every file that is in the folder, by name. */
export async function describeContents(folder: string): Promise<readonly FileContent[]> {
  const contents: FileContent[] = []
  for (const name of (await readdir(folder)).toSorted()) {
    contents.push({ name, ...(await sumFile(join(folder, name))) })
  }
  return contents
}

/**
 * Compares the files with what is known of them: sizes first, then every byte.
 *
 * @returns what is wrong, one sentence part each; nothing for a folder that is whole.
 */
export async function checkContents(
  folder: string,
  contents: readonly FileContent[],
): Promise<readonly string[]> {
  const sizes = await Promise.all(contents.map(({ name }) => sizeOf(join(folder, name))))
  const problems = contents.flatMap(({ name, bytes }, i) => {
    if (sizes[i] === undefined) return [`${name} is missing`]
    return sizes[i] === bytes ? [] : [`${name} has ${sizes[i]} bytes instead of ${bytes}`]
  })
  if (problems.length > 0) return problems
  for (const { name, ...expected } of contents) {
    const found = await sumFile(join(folder, name)).catch(() => undefined)
    if (found === undefined) problems.push(`${name} cannot be read`)
    else if (found.crc32 !== expected.crc32) problems.push(`${name} is not as it was written`)
  }
  return problems
}

/** Undefined for what is no plain file: reading a FIFO would take for ever. */
async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() === true ? found.size : undefined
}

async function sumFile(path: string): Promise<Omit<FileContent, 'name'>> {
  const file = await open(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    let [bytes, sum] = [0, 0]
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, bytes)
      if (bytesRead === 0) return { bytes, crc32: sum }
      sum = crc32(buffer.subarray(0, bytesRead), sum)
      bytes += bytesRead
    }
  } finally {
    await file.close()
  }
}
