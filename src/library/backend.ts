// Who answers: an engine of this process, started when it is first needed, or a FloCap elsewhere. The
// library and the command stand on the same one.
import type { TasksCaptioner } from '../caption/captioner.ts'
import { type Draw, drawWith } from '../caption/draw-findings.ts'
import { createDrawing } from '../app/drawing.ts'
import { chooseLocalCaptioner, type LocalCaptioner, type StartOptions } from '../app/start-app.ts'
import type { Priority } from '../caption/priority.ts'
import { connectCaptioner } from '../client/remote-captioner.ts'
import { createRemoteDraw } from '../client/remote-draw.ts'
import type { Settings } from '../config/settings.ts'

export interface Backend {
  /** Names model, arithmetic and device: with another one answers may differ. */
  readonly modelId: string
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
  const captioner = await connectCaptioner({ url, apiKey, priority })
  const { id, precision } = captioner.model
  return {
    modelId: `${url} ${id} ${precision}`,
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
