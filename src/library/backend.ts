// Who answers: an engine of this process, started when it is first needed, or a FloCap elsewhere. The
// library and the command stand on the same one.
import type { TasksCaptioner } from '../caption/captioner.ts'
import { type Draw, drawWith } from '../caption/draw-findings.ts'
import { createDrawing } from '../app/drawing.ts'
import { chooseLocalCaptioner, type LocalCaptioner, type StartOptions } from '../app/start-model.ts'
import type { Priority } from '../caption/priority.ts'
import { connectCaptioner } from '../client/remote-captioner.ts'
import { readFingerprint } from '../client/server-model.ts'
import { createRemoteDraw } from '../client/remote-draw.ts'
import type { Settings } from '../config/settings.ts'

export interface Backend {
  /** For people. */
  readonly modelId: string
  /**
   * Names weights, arithmetic and view of pictures: with another one answers may differ. Loads the model
   * only where it has not been compiled yet.
   * @throws FlocapError when the model cannot be had.
   */
  identify(): Promise<string>
  /** The captioner when it is ready. @throws FlocapError when the model cannot be had. */
  start(): Promise<TasksCaptioner>
  readonly draw: Draw
  close(): Promise<void>
}

export interface BackendOptions extends StartOptions {
  /** Address of a running FloCap. */
  readonly server?: string | undefined
  /** Of requests to that server. Default interactive. */
  readonly priority?: Priority | undefined
}

/** @throws FlocapError when the model's name means nothing, or nothing answers at the address. */
export async function openBackend(settings: Settings, options: BackendOptions): Promise<Backend> {
  const { server, priority, ...start } = options
  return server === undefined ? openEngine(settings, start) : openServer(server, settings, priority)
}

async function openServer(
  url: string,
  { apiKey: [apiKey] }: Settings,
  priority: Priority | undefined,
): Promise<Backend> {
  const remote = { url, apiKey, priority }
  const captioner = await connectCaptioner(remote)
  const { id, precision } = captioner.model
  return {
    modelId: `${url} ${id} ${precision}`,
    identify: async () => readFingerprint(remote),
    start: async () => captioner,
    draw: createRemoteDraw({ url, apiKey }),
    close: async () => undefined,
  }
}

async function openEngine(settings: Settings, options: StartOptions): Promise<Backend> {
  const chosen = await chooseLocalCaptioner(settings, options)
  let started: Promise<LocalCaptioner> | undefined
  let drawing: Draw | undefined
  const start = async (): Promise<LocalCaptioner> => {
    started ??= chosen.start()
    return started
  }
  return {
    modelId: chosen.modelId,
    async identify() {
      const known = await chosen.fingerprint()
      const fingerprint = known ?? (await start()).captioner.model.fingerprint
      return `${fingerprint} ${settings.background}`
    },
    start: async () => (await start()).captioner,
    async draw(...question) {
      const { engine } = await start()
      drawing ??= drawWith(createDrawing(engine, settings))
      return drawing(...question)
    },
    async close() {
      const local = await started?.catch(() => undefined)
      await local?.close()
    },
  }
}
