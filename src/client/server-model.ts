// The model of a FloCap elsewhere: what its status says.
import { setTimeout as sleep } from 'node:timers/promises'
import { FlocapError } from '../base/errors.ts'
import { StatusResponse } from '../http/surfaces/native/schema.ts'
import { askServer, type RemoteOptions } from './ask-server.ts'

/** As long as a server lets a request wait for its model. */
const PATIENCE_MS = 120_000
const PAUSE_MS = 1000

/** @throws FlocapError when no FloCap answers there, or not with this key. */
export async function readStatus(options: RemoteOptions): Promise<StatusResponse> {
  return askServer(options, 'status', undefined, undefined, async (response) =>
    StatusResponse.parse(await response.json()),
  )
}

/**
 * The fingerprint of the model, which is known when it is loaded.
 * @throws FlocapError as `readStatus`, and `model_loading` when that takes too long.
 */
export async function readFingerprint(options: RemoteOptions): Promise<string> {
  const end = performance.now() + (options.patienceMs ?? PATIENCE_MS)
  for (;;) {
    const { model, reason } = await readStatus(options)
    if (model.fingerprint !== '') return model.fingerprint
    if (performance.now() + PAUSE_MS > end) {
      throw new FlocapError(
        'model_loading',
        `The server has no model yet: ${reason ?? 'loading'}.`,
        {
          subject: options.url,
          hint: 'Run the command again when the server says that it is ready.',
        },
      )
    }
    await sleep(PAUSE_MS)
  }
}
