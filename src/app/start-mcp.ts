// Wiring of `flocap mcp`: the tools on standard input and output, over an engine of this process or a
// FloCap elsewhere. The client is answered at once; the model is loaded meanwhile.
import type { Logger } from '../base/log.ts'
import { createMetrics } from '../base/metrics.ts'
import { PACKAGE_VERSION } from '../base/version.ts'
import type { TasksCaptioner } from '../caption/captioner.ts'
import { createModelCaptioner } from '../caption/model-captioner.ts'
import { drawWith } from '../caption/draw-findings.ts'
import { connectCaptioner } from '../client/remote-captioner.ts'
import { createRemoteDraw } from '../client/remote-draw.ts'
import type { Settings } from '../config/settings.ts'
import { fetchesImages } from '../http/image-url/allowed-hosts.ts'
import type { McpServices } from '../mcp/services.ts'
import { serveMcpOverStdio } from '../mcp/serve-stdio.ts'
import { createDrawing } from './drawing.ts'
import { toLocalSettings } from './http-settings.ts'
import type { LateModel } from './late-model.ts'
import { createLogger } from './log.ts'
import { openMcpFolders } from './mcp-folders.ts'
import { createServingCaptioner } from './serving-captioner.ts'
import { startLateModel } from './start-model.ts'

export interface McpApp {
  /** Resolves when the client has gone. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

/** @throws FlocapError when a setting cannot be used or the model's name means nothing. */
export async function startMcp(
  settings: Settings,
  { server: url }: { readonly server?: string | undefined } = {},
): Promise<McpApp> {
  const logger = createLogger({ level: settings.debug ? 'debug' : 'warn', form: settings.log })
  const httpSettings = toLocalSettings(settings)
  const folders = await openMcpFolders(settings, httpSettings)
  const model = url === undefined ? await startLateModel(settings, logger) : undefined
  const served = serveMcpOverStdio(
    {
      ...(model === undefined
        ? overServer(url ?? '', settings)
        : overEngine(model, settings, logger)),
      folders,
      fetches: fetchesImages(httpSettings.imageHosts),
      logger,
      version: PACKAGE_VERSION,
    },
    httpSettings,
  )
  return {
    ended: served.ended,
    async close() {
      await served.close()
      await model?.close()
    },
  }
}

type Answering = Pick<McpServices, 'captioner' | 'readiness' | 'draw'>

function overEngine(model: LateModel, settings: Settings, logger: Logger): Answering {
  const { captioner } = createServingCaptioner(
    createModelCaptioner(model, { background: settings.background }),
    model,
    settings,
    createMetrics(),
    logger,
  )
  return {
    captioner: async () => captioner,
    readiness: () => model.readiness,
    draw: drawWith(createDrawing(model, settings)),
  }
}

/** Asked again by the next call where nothing answers. */
function overServer(url: string, { apiKey: [apiKey] }: Settings): Answering {
  let connected: Promise<TasksCaptioner> | undefined
  return {
    captioner: async () => {
      connected ??= connectCaptioner({ url, apiKey })
      try {
        return await connected
      } catch (error) {
        connected = undefined
        throw error
      }
    },
    readiness: () => ({ ready: true }),
    draw: createRemoteDraw({ url, apiKey }),
  }
}
