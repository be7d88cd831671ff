// Who captions in a run: an engine, started when the first picture needs it, or a FloCap elsewhere.
import { chooseLocalCaptioner, type LocalCaptioner } from '../../app/start-app.ts'
import { FlocapError } from '../../base/errors.ts'
import { connectCaptioner } from '../../client/remote-captioner.ts'
import type { Settings } from '../../config/settings.ts'
import type { CaptionSource } from '../../folders/ports.ts'
import { startOptions } from '../start-options.ts'
import type { DrawPng } from './drawing.ts'
import type { CaptionFlags } from './options.ts'

const DEMO_NOTICE = 'flocap: answers of the demo model, which knows drawn scenes and nothing else'

export interface OpenSource extends CaptionSource {
  readonly draw: DrawPng
  close(): Promise<void>
}

/** @throws FlocapError when the model's name means nothing, or nothing answers at the address. */
export async function openSource(
  settings: Settings,
  { server, draw }: Pick<CaptionFlags, 'server' | 'draw'>,
): Promise<OpenSource> {
  if (server === undefined) return openEngine(settings)
  if (draw === undefined) return openServer(server, settings)
  throw new FlocapError('invalid_request', '--draw needs an engine of this command.', {
    subject: '--draw',
    hint: 'Leave --server out.',
  })
}

async function openServer(url: string, { apiKey: [apiKey] }: Settings): Promise<OpenSource> {
  const captioner = await connectCaptioner({ url, apiKey })
  const { id, precision, demo } = captioner.model
  return {
    modelId: `${url} ${id} ${precision}`,
    async start() {
      if (demo) console.error(DEMO_NOTICE)
      return captioner
    },
    draw: async () => {
      throw new TypeError('refused above')
    },
    close: async () => undefined,
  }
}

async function openEngine(settings: Settings): Promise<OpenSource> {
  const chosen = await chooseLocalCaptioner(settings, startOptions())
  let started: Promise<LocalCaptioner> | undefined
  const start = async (): Promise<LocalCaptioner> => {
    started ??= chosen.start()
    return started
  }
  return {
    modelId: chosen.modelId,
    async start() {
      const { captioner } = await start()
      if (captioner.model.demo) {
        console.error(DEMO_NOTICE)
      }
      return captioner
    },
    draw: async (picture, overlay) =>
      (await start()).engine.draw(picture, overlay, {
        applyOrientation: true,
        background: settings.background,
      }),
    async close() {
      const local = await started?.catch(() => undefined)
      await local?.close()
    },
  }
}
