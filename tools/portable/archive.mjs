// Reads one file of an npm tarball, and writes folders as zip or tar.gz. Times are fixed and files in
// order, so that the same contents give the same archive.
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { extract, pack } from 'tar-stream'
import yazl from 'yazl'

/** The first day that a zip can name. */
const TIME = new Date('1980-01-01T12:00:00')
/** Beyond these bits no system looks. */
const PERMISSIONS = 0o777
const EXECUTABLE = 0o100
const REGULAR_FILE = 0o100000

/** @throws Error for a tarball that has no such file. */
export async function extractFile(tarball, wanted, target) {
  const entries = extract()
  const read = pipeline(createReadStream(tarball), createGunzip(), entries)
  let found = false
  for await (const entry of entries) {
    if (entry.header.name === wanted) {
      found = true
      mkdirSync(dirname(target), { recursive: true })
      await pipeline(entry, createWriteStream(target))
    } else {
      entry.resume()
    }
  }
  await read
  if (!found) throw new Error(`Expected ${wanted} in ${tarball}, found none.`)
}

/** @param archive ends in `.zip` or `.tar.gz`; the folder's own name is the first part of all paths in it. */
export async function writeArchive(folder, archive) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((path) => ({
      path,
      name: `${basename(folder)}/${relative(folder, path).split(sep).join('/')}`,
      mode: modeOf(path),
    }))
  await (archive.endsWith('.zip') ? writeZip : writeTar)(files, archive)
}

/** The rights of whoever builds are nobody else's: files are readable, programs can be started. */
function modeOf(path) {
  return (statSync(path).mode & PERMISSIONS & EXECUTABLE) === 0 ? 0o644 : 0o755
}

async function writeZip(files, archive) {
  const zip = new yazl.ZipFile()
  for (const { path, name, mode } of files) {
    zip.addFile(path, name, { mtime: TIME, mode: REGULAR_FILE | mode })
  }
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(archive))
}

async function writeTar(files, archive) {
  const tar = pack()
  const written = pipeline(tar, createGzip(), createWriteStream(archive))
  for (const { path, name, mode } of files) {
    await new Promise((resolve, reject) => {
      tar.entry({ name, mode, mtime: TIME }, readFileSync(path), (error) =>
        error ? reject(error) : resolve(undefined),
      )
    })
  }
  tar.finalize()
  await written
}
