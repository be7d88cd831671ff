// The captioner of a server: decorators around the plain one, each outside of what it saves.
//
//   client     who asks, for the queue
//   log        a line for each caption
//   measures   counts everything that is answered, cached or not
//   cache      what is known needs no run
//   sharing    what is being answered needs no second run, and no place in the queue
//   admission  what is left waits its turn
//
// Admission outside of the cache would refuse, on a full queue, what costs nothing to answer.
import type { FlocapError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { SECONDS_BUCKETS } from '../base/metrics.ts'
import { DEFAULT_ADMISSION, type Load, withAdmission } from '../caption/admission.ts'
import { withCache } from '../caption/cache.ts'
import type { TasksCaptioner } from '../caption/captioner.ts'
import { withMeasures } from '../caption/measure.ts'
import type { VisionModel } from '../caption/ports.ts'
import { PRIORITIES, type Priority } from '../caption/priority.ts'
import { withSharedRuns } from '../caption/share-runs.ts'
import type { Settings } from '../config/settings.ts'
import type { Engine } from '../engine/supervisor.ts'
import { withCaptionLog } from '../http/log-captions.ts'
import { withRequestClient } from '../http/request-client.ts'
import type { Look } from '../http/surface.ts'
import type { LateModel } from './late-model.ts'
import { createLook } from './looking.ts'
import { BYTES_PER_MB, MS_PER_SECOND } from './units.ts'

export interface ServingCaptioner {
  readonly captioner: TasksCaptioner
  /** Whether the next interactive request that is not known would be refused. */
  readonly isFull: () => boolean
  /** Pictures in small, in their turn among the requests. */
  readonly look: Look
  readonly load: () => Load
  /** The error for a request of this client that need not even be read; see `AdmittingCaptioner`. */
  readonly refusal: (client: string, priority?: Priority) => FlocapError | undefined
}

/**
 * @param plain what the decorators go around
 * @param model below it
 */
export function createServingCaptioner(
  plain: TasksCaptioner,
  model: Pick<VisionModel, 'look'> & Partial<Pick<LateModel, 'loaded'>>,
  settings: Pick<Settings, 'answerCacheMb' | 'background' | 'engines' | 'maxQueue'>,
  metrics: Metrics,
  logger: Logger,
): ServingCaptioner {
  const { answerCacheMb, background, engines, maxQueue } = settings
  const wait = metrics.histogram(
    'flocap_queue_wait_seconds',
    'Time that a request waited for its turn.',
    SECONDS_BUCKETS,
  )
  const admitted = withAdmission(plain, {
    ...DEFAULT_ADMISSION,
    places: engines * DEFAULT_ADMISSION.places,
    engines,
    maxWaiting: maxQueue,
    // Inside of the places: what waits for the model is bounded as everything that waits.
    prepare: async (waiting) => model.loaded?.(waiting),
    onBegin: (ms, priority) => wait.observe(ms / MS_PER_SECOND, { priority }),
  })
  metrics.gauges('flocap_queue_depth', 'Requests that wait.', 'priority', () =>
    Object.fromEntries(PRIORITIES.map((priority) => [priority, admitted.waitingOf(priority)])),
  )
  metrics.gauge('flocap_running', 'Requests inside the model.', () => admitted.running)
  metrics.gauge('flocap_places', 'Requests that fit inside the model.', () => admitted.load.places)
  metrics.gauge(
    'flocap_service_seconds',
    'Time of the whole server that one answer needs.',
    () => admitted.load.serviceMs / MS_PER_SECOND,
  )
  metrics.gauge(
    'flocap_desired_replicas',
    "This server's part of the number of servers that the load asks for; add up all servers.",
    () => admitted.load.desiredReplicas,
  )
  const cached = withCache(withSharedRuns(admitted), { maxBytes: answerCacheMb * BYTES_PER_MB })
  return {
    captioner: withRequestClient(withCaptionLog(withMeasures(cached, metrics), logger)),
    isFull: () => admitted.full,
    look: createLook(model, admitted, { background }),
    load: () => admitted.load,
    refusal: (client, priority) => admitted.refusal(client, priority),
  }
}

export function measureEngine(
  metrics: Metrics,
  engine: Pick<Engine, 'residentBytes' | 'restarts'>,
): void {
  metrics.counts(
    'flocap_engine_restarts_total',
    'Engine processes that were replaced.',
    'cause',
    () => ({ ...engine.restarts }),
  )
  metrics.gauge(
    'flocap_engine_resident_bytes',
    'Memory of the engine process.',
    () => engine.residentBytes,
  )
  metrics.gauge('flocap_server_resident_bytes', 'Memory of the process that speaks HTTP.', () =>
    process.memoryUsage.rss(),
  )
}
