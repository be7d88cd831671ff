// Asking ahead, with the batches of a FloCap that is looked up first.
import type { AskAhead } from '../../caption/ask-ahead.ts'
import type { V1Server } from '../ask-v1.ts'
import { readFingerprint, readStatus } from '../server-model.ts'
import { createAskAhead } from './ask-ahead.ts'
import type { BulkEvent } from './batch-runner.ts'

/**
 * Waits for the server's model: what it answers is kept by the model that answered.
 * @throws FlocapError as `readFingerprint`; invalid_setting where the server takes no batches
 */
export async function connectBulk(
  server: V1Server,
  onEvent: (event: BulkEvent) => void,
): Promise<AskAhead> {
  await readFingerprint(server)
  return createAskAhead({ server, status: await readStatus(server), onEvent })
}
