// What /metrics tells of HTTP: answers by surface, status and task, and how long they took.
import type { Metrics } from '../base/metrics.ts'
import { SECONDS_BUCKETS } from '../base/metrics.ts'
import { isTaskId } from '../caption/tasks.ts'

export interface AnsweredRequest {
  readonly surface: string
  readonly status: number
  /** As the header x-flocap-task has it; null when no task ran. */
  readonly task: string | null
  readonly seconds: number
}

export function createRequestMeter(metrics: Metrics): (request: AnsweredRequest) => void {
  const requests = metrics.counter('flocap_requests_total', 'Requests answered.')
  const duration = metrics.histogram(
    'flocap_request_duration_seconds',
    'Time from the head of a request to the head of its answer.',
    SECONDS_BUCKETS,
  )
  return ({ surface, status, task, seconds }) => {
    // Several tasks of one request are one value: their combinations would be endless.
    const name = task === null ? 'none' : isTaskId(task) ? task : 'several'
    requests.add(1, { surface, status: String(status), task: name })
    duration.observe(seconds, { surface })
  }
}
