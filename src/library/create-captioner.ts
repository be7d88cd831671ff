// `createCaptioner`: the way in for programs.
import { describeStage } from '../app/install-progress.ts'
import { createPictureFetcher } from '../app/picture-fetcher.ts'
import { createLogger } from '../app/log.ts'
import { silentLogger } from '../base/log.ts'
import { type Backend, openBackend } from './backend.ts'
import type { Captioner } from './captioner.ts'
import { createLibraryCaptioner } from './library-captioner.ts'
import { type CaptionerOptions, toSettings } from './options.ts'
import { createProgressTeller } from './tell-progress.ts'

/** Pictures in memory at a time: two more than an engine works on, which are read meanwhile. */
const PLACES_PER_ENGINE = 6
/** What a server works on at once is its own choice. */
const SERVER_PLACES = 32

/**
 * A captioner that is ready: the model is fetched if need be, compiled on its first use, and loaded into
 * an engine process of its own. Nothing is printed, unless FLOCAP_DEBUG is set; no listener is left on
 * the process; one that is idle does not keep the program from ending.
 *
 * @throws FlocapError `invalid_setting` for an option that cannot be used; `model_not_found`,
 *   `model_access_denied`, `model_download_failed`, `disk_full`, `invalid_model` or `device_unavailable`
 *   when the model cannot be had; `engine_failed` or `unauthorized` when the server cannot be used.
 */
export async function createCaptioner(options: CaptionerOptions = {}): Promise<Captioner> {
  const { signal, onProgress = () => undefined, server } = options
  signal?.throwIfAborted()
  const settings = toSettings(options)
  const { tell, stop } = createProgressTeller(onProgress)
  let backend: Backend | undefined
  try {
    backend = await openBackend(settings, {
      server: server === undefined ? undefined : String(server),
      logger: settings.debug ? createLogger({ level: 'debug' }) : silentLogger,
      isEmbedded: true,
      ...(signal === undefined ? {} : { signal }),
      onInstall: (event) => {
        const progress = describeStage(event)
        if (progress !== undefined) tell(progress)
      },
      onLoading: tell,
    })
    const captioner = await backend.start()
    signal?.throwIfAborted()
    // Engines that are started later are no concern of the program.
    stop()
    return createLibraryCaptioner({
      captioner,
      backend,
      fetchPicture: createPictureFetcher(settings),
      places: server === undefined ? settings.engines * PLACES_PER_ENGINE : SERVER_PLACES,
    })
  } catch (error) {
    await backend?.close()
    signal?.throwIfAborted()
    throw error
  }
}
