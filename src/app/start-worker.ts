// Wiring of `flocap worker`: an engine that answers lines of batches, which servers elsewhere give away by
// the queue. It listens on no port.
import { answerLine } from '../batches/answer-line.ts'
import { readWired, renderResult } from '../batches/line-wire.ts'
import { FlocapError } from '../base/errors.ts'
import { createMetrics } from '../base/metrics.ts'
import { PACKAGE_VERSION } from '../base/version.ts'
import { DEFAULT_ADMISSION } from '../caption/admission.ts'
import { createModelCaptioner } from '../caption/model-captioner.ts'
import { AUTO_DEVICE, type Settings } from '../config/settings.ts'
import { createHttpApp } from '../http/app.ts'
import { createLineReader } from '../http/in-process.ts'
import { loadQueue } from '../queue/open-queue.ts'
import type { Work } from '../queue/ports.ts'
import { parseQueueUrl } from '../queue/queue-url.ts'
import { createDrawing } from './drawing.ts'
import { toLocalSettings } from './http-settings.ts'
import { createLogger } from './log.ts'
import { createServingCaptioner } from './serving-captioner.ts'
import { startLateModel } from './start-model.ts'

export interface WorkerApp {
  readonly model: string
  /** For people, without its password. */
  readonly queue: string
  readonly places: number
  /** Finishes the lines that it has, and says that it is gone. */
  close(): Promise<void>
}

/**
 * Resolves when lines are taken. A model that cannot be had yet, and a broker that is away, are waited for.
 * @throws FlocapError when a setting cannot be used or the model cannot be had; the reason of `signal`
 */
export async function startWorker(settings: Settings, signal: AbortSignal): Promise<WorkerApp> {
  const logger = createLogger({ level: settings.debug ? 'debug' : 'info', form: settings.log })
  if (settings.queue === '') {
    throw new FlocapError(
      'invalid_setting',
      'Expected the address of a queue for --queue, got none.',
      {
        subject: '--queue',
        hint: 'Such as --queue redis://host:6379, the same as the servers have.',
      },
    )
  }
  const address = parseQueueUrl(settings.queue)
  const queue = await loadQueue(address, {
    onTrouble(sentence) {
      if (sentence === undefined) logger.info({ queue: address.shown }, 'the queue answers')
      else logger.warn({ queue: address.shown, why: sentence }, 'the queue does not answer')
    },
  })
  const model = await startLateModel(settings, logger)
  const stop = (): void => void model.close()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const metrics = createMetrics()
    const { captioner } = createServingCaptioner(
      createModelCaptioner(model, { background: settings.background }),
      model,
      settings,
      metrics,
      logger,
    )
    const reader = createLineReader(
      createHttpApp({
        captioner,
        logger,
        metrics,
        settings: toLocalSettings(settings),
        readiness: () => model.readiness,
        version: PACKAGE_VERSION,
        drawing: createDrawing(model, settings),
      }),
    )
    const work: Work = async (payload, unwanted) => {
      const { job, bytes } = readWired(payload)
      return renderResult(await answerLine(job, { reader, bytes, signal: unwanted }))
    }
    await model.eventuallyReady()
    const { id, fingerprint, kernels } = captioner.model
    const places = settings.engines * DEFAULT_ADMISSION.places
    const lane = { model: id, fingerprint, kernels }
    const device = settings.device === AUTO_DEVICE ? 'cpu' : settings.device
    const worker = await queue.startWorker({ lane, device, places, work }, signal)
    return {
      model: id,
      queue: address.shown,
      places,
      async close() {
        await worker.close()
        await model.close()
      },
    }
  } catch (error) {
    await model.close()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
