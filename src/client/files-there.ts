// The files of a FloCap elsewhere: lines of a batch on their way there, answers on their way back.
import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { FlocapError } from '../base/errors.ts'
import { FileObject } from '../http/surfaces/batches/schema.ts'
import { askV1, type V1Server } from './ask-v1.ts'

/** @returns the id of the file. @throws FlocapError storage_full, body_too_large, as `askV1`. */
export async function uploadLines(
  server: V1Server,
  path: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const boundary = `flocap-${randomUUID()}`
  const response = await askV1(server, {
    method: 'POST',
    path: '/files',
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Readable.toWeb(Readable.from(renderForm(path, boundary))),
    signal,
  })
  return FileObject.parse(await response.json()).id
}

/** Piece by piece: files are as large as a server takes them. */
async function* renderForm(path: string, boundary: string): AsyncGenerator<Uint8Array> {
  const part = (head: string): string =>
    `--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n`
  yield Buffer.from(
    `${part('name="purpose"')}\r\nbatch\r\n` +
      `${part('name="file"; filename="lines.jsonl"')}content-type: application/jsonl\r\n\r\n`,
  )
  yield* createReadStream(path)
  yield Buffer.from(`\r\n--${boundary}--\r\n`)
}

/** The lines of a file, as JSON. @throws FlocapError not_found, as `askV1`. */
export async function* readLinesThere(
  server: V1Server,
  id: string,
  signal: AbortSignal | undefined,
): AsyncGenerator {
  const path = `/files/${encodeURIComponent(id)}/content`
  const { body } = await askV1(server, { method: 'GET', path, signal })
  if (body === null) return
  try {
    const lines = createInterface({ input: Readable.fromWeb(body), crlfDelay: Infinity })
    for await (const line of lines) yield JSON.parse(line)
  } catch (cause) {
    signal?.throwIfAborted()
    throw new FlocapError('engine_failed', `The server at ${server.url} broke off a file.`, {
      subject: '--server',
      cause,
    })
  }
}

/** One that is not there is removed already. @throws FlocapError as `askV1`. */
export async function removeFileThere(server: V1Server, id: string): Promise<void> {
  try {
    await askV1(server, { method: 'DELETE', path: `/files/${encodeURIComponent(id)}` })
  } catch (error) {
    if (error instanceof FlocapError && error.code === 'not_found') return
    throw error
  }
}
