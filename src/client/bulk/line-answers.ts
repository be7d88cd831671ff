// What a batch says of each of its lines: the body of an answer, or the error that the request would have got.
import type { z } from 'zod'
import { FlocapError, isErrorCode } from '../../base/errors.ts'
import { OutputLine } from '../../http/surfaces/batches/schema.ts'
import type { RemoteBatch } from '../batches-there.ts'
import { readLinesThere } from '../files-there.ts'
import type { V1Server } from '../ask-v1.ts'
import { toServerError } from '../server-error.ts'

/** By the ids of lines. */
export type LineAnswers = Map<string, { readonly body: unknown } | { readonly error: FlocapError }>

/** Reads both outputs of a batch that has ended. @throws FlocapError as `readLinesThere` */
export async function readAnswers(
  server: V1Server,
  { output_file_id: output, error_file_id: error }: RemoteBatch,
  signal: AbortSignal | undefined,
): Promise<LineAnswers> {
  const answers: LineAnswers = new Map()
  for (const file of [output, error]) {
    if (file === null) continue
    for await (const value of readLinesThere(server, file, signal)) {
      const line = OutputLine.parse(value)
      answers.set(line.custom_id, toAnswer(line))
    }
  }
  return answers
}

function toAnswer({ response, error }: z.infer<typeof OutputLine>) {
  if (response !== null && response.status_code < 400) return { body: response.body }
  if (response !== null) {
    const { status_code: status, body } = response
    return { error: toServerError(JSON.stringify(body), { status, headers: new Headers() }) }
  }
  const { code = '', message = 'The line was not answered.' } = error ?? {}
  return { error: new FlocapError(isErrorCode(code) ? code : 'cancelled', message) }
}
