// The queue of lines inside of one process: no server to run, and nothing to lose, since what is done stands
// in the outputs.
import { createTurns, type Turn } from '../caption/turns.ts'
import type { ClaimedLine, LineJob, LineQueue, LineResult } from './line-queue.ts'

interface Waiting extends Turn {
  readonly job: LineJob
  readonly settle: (result: LineResult | undefined) => void
}

export function createEmbeddedQueue(): LineQueue {
  const line = createTurns<Waiting>()
  const claimers: ((claim: ClaimedLine | undefined) => void)[] = []
  /** Of each batch that has lines here, until it is forgotten. */
  const wanted = new Map<string, AbortController>()
  let closed = false

  function wantedOf(batch: string): AbortController {
    const known = wanted.get(batch) ?? new AbortController()
    wanted.set(batch, known)
    return known
  }

  function offer(waiting: Waiting): void {
    if (closed || wantedOf(waiting.job.batch).signal.aborted) {
      waiting.settle(undefined)
      return
    }
    const claimer = claimers.shift()
    if (claimer === undefined) line.add(waiting)
    else claimer(claimOf(waiting))
  }

  function claimOf(waiting: Waiting): ClaimedLine {
    let open = true
    return {
      job: waiting.job,
      unwanted: wantedOf(waiting.job.batch).signal,
      async result(result) {
        if (!open) return false
        open = false
        waiting.settle(result)
        return true
      },
      async giveBack() {
        if (!open) return
        open = false
        offer(waiting)
      },
    }
  }

  return {
    async submit(job) {
      return new Promise((settle) => {
        offer({ client: job.owner, bytes: job.length, job, settle })
      })
    },
    async claim() {
      if (closed) return undefined
      const next = line.take()
      if (next !== undefined) return claimOf(next)
      return new Promise((resolve) => {
        claimers.push(resolve)
      })
    },
    async cancel(batch) {
      wantedOf(batch).abort()
      for (const waiting of line.inOrder()) {
        if (waiting.job.batch !== batch) continue
        line.remove(waiting)
        waiting.settle(undefined)
      }
    },
    forget: (batch) => void wanted.delete(batch),
    async close() {
      closed = true
      for (const claimer of claimers.splice(0)) claimer(undefined)
      for (const waiting of line.inOrder()) {
        line.remove(waiting)
        waiting.settle(undefined)
      }
    },
  }
}
