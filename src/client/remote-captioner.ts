// A captioner that is a FloCap elsewhere, over its own API: used as one in this process is.
import type { TasksCaptioner } from '../caption/captioner.ts'
import { readAnswerEvents } from './answer-events.ts'
import { askServer, type RemoteOptions } from './ask-server.ts'
import { type AskNatively, createNativeCaptioner, describeModel } from './native-captioner.ts'
import { readStatus } from './server-model.ts'

/** @throws FlocapError when no FloCap answers there, or not with this key. */
export async function connectCaptioner(options: RemoteOptions): Promise<TasksCaptioner> {
  const ask: AskNatively = async (body, { signal, priority = options.priority, onText }) => {
    let isTold = false
    const read =
      onText === undefined
        ? readJson
        : async (response: Response) =>
            readAnswerEvents(response, (task, text) => {
              isTold = true
              onText(task, text)
            })
    // In the address, so that a full server refuses it before it reads the picture.
    const path = priority === undefined ? 'caption' : `caption?priority=${priority}`
    // Text that was passed on cannot be taken back, and a second answer would tell it again.
    const mayAskAgain = (): boolean => !isTold
    return askServer(options, path, body, signal, read, mayAskAgain)
  }
  return createNativeCaptioner(describeModel(await readStatus(options)), ask)
}

async function readJson(response: Response): Promise<unknown> {
  return response.json()
}
