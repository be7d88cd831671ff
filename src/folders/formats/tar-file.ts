// Writing a tar file member by member, beside its place and renamed.
import { createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { pack } from 'tar-stream'
import { replaceFileBy } from '../../base/replace-file.ts'

export type AddMember = (name: string, content: Uint8Array | string) => Promise<void>

/** A member's own time would make two runs differ. */
const NO_TIME = new Date(0)

/**
 * @param onWritten told of the flushed file before it gets its name.
 * @throws FlocapError `disk_full` or `file_not_written`; the old file is then as it was.
 */
export async function writeTarFile(
  path: string,
  write: (add: AddMember) => Promise<void>,
  onWritten: (unfinished: string) => Promise<void>,
): Promise<void> {
  await replaceFileBy(path, async (unfinished) => {
    const tar = pack()
    const written = pipeline(tar, createWriteStream(unfinished, { flags: 'wx' }))
    // Told to whoever waits below.
    written.catch(() => undefined)
    try {
      await Promise.race([
        write(async (name, content) => {
          const goesOn = new Promise<void>((resolve, reject) => {
            const member = tar.entry({ name, mtime: NO_TIME }, Buffer.from(content), (error) =>
              error ? reject(error) : resolve(),
            )
            // It fails with the file, which `written` tells; unheard, it would end the process.
            member.on('error', () => undefined)
          })
          await Promise.race([goesOn, written])
        }),
        written,
      ])
      tar.finalize()
      await written
    } catch (error) {
      tar.destroy()
      throw error
    }
    await flush(unfinished)
    await onWritten(unfinished)
  })
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.datasync()
  } finally {
    await file.close()
  }
}
