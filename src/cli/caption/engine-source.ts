// The engine of a run, started when the first picture needs it.
import { chooseLocalCaptioner, type LocalCaptioner } from '../../app/start-app.ts'
import type { Settings } from '../../config/settings.ts'
import type { CaptionSource } from '../../folders/ports.ts'
import { createProgressPrinter } from '../progress.ts'
import type { DrawPng } from './drawing.ts'

export interface EngineSource extends CaptionSource {
  readonly draw: DrawPng
  close(): Promise<void>
}

/** @throws FlocapError when the model's name means nothing. */
export async function createEngineSource(settings: Settings): Promise<EngineSource> {
  const chosen = await chooseLocalCaptioner(settings, {
    onInstall: createProgressPrinter(settings.model),
  })
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
        console.error(
          'flocap: answers of the demo model, which knows drawn scenes and nothing else',
        )
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
