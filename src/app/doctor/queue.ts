// Can batches go over the queue, and who answers there? Nothing is written to it, and no password is shown.
import { FlocapError } from '../../base/errors.ts'
import type { BrokerFacts } from '../../queue/facts.ts'
import type { WorkerNote } from '../../queue/ports.ts'
import { parseQueueUrl, type QueueAddress } from '../../queue/queue-url.ts'
import { readBrokerFacts } from '../../queue/read-facts.ts'
import type { Finding } from './finding.ts'

/** On PostgreSQL the times of locks come from the workers' clocks. */
const MAX_CLOCK_SECONDS = 5

/** @param url of the broker; empty for none, of which nothing is said */
export async function inspectQueue(url: string): Promise<readonly Finding[]> {
  if (url === '') return []
  let address: QueueAddress
  try {
    address = parseQueueUrl(url)
    const facts = await readBrokerFacts(address)
    return [...describeBroker(address, facts), describeWorkers(address, facts.workers)]
  } catch (error) {
    return [describeFailure(url, error)]
  }
}

function describeBroker(
  { broker, shown }: QueueAddress,
  { server, drops, forgets, clockSeconds }: BrokerFacts,
): readonly Finding[] {
  const findings: Finding[] = []
  if (drops === undefined)
    findings.push({ name: 'queue', status: 'ok', detail: `${server} at ${shown}` })
  else {
    findings.push({
      name: 'queue',
      status: 'problem',
      detail: `${server} at ${shown} drops jobs when its memory is full: ${drops}`,
      cure: 'In redis.conf: maxmemory-policy noeviction',
    })
  }
  if (forgets !== undefined) {
    findings.push({
      name: 'queue disk',
      status: 'warning',
      detail: `forgets its jobs when it ends: ${forgets}; servers then send them again`,
      cure:
        broker === 'redis'
          ? 'In redis.conf: appendonly yes'
          : 'Set fsync = on in postgresql.conf: a power cut can damage the database without it.',
    })
  }
  const seconds = Math.round(Math.abs(clockSeconds))
  if (broker === 'postgres' && seconds > MAX_CLOCK_SECONDS) {
    findings.push({
      name: 'queue clock',
      status: 'problem',
      detail: `is ${seconds} s ${clockSeconds > 0 ? 'ahead of' : 'behind'} this machine's`,
      cure: 'Set the clocks of both machines by NTP.',
    })
  }
  return findings
}

function describeWorkers({ shown }: QueueAddress, workers: readonly WorkerNote[]): Finding {
  const name = 'workers'
  if (workers.length === 0) {
    return {
      name,
      status: 'warning',
      detail: 'none has announced itself: batches wait',
      cure: `Start some: flocap worker --queue ${shown} --model base`,
    }
  }
  const lanes = new Map<string, WorkerNote[]>()
  for (const worker of workers) {
    const lane = `${worker.fingerprint} ${worker.kernels}`
    lanes.set(lane, [...(lanes.get(lane) ?? []), worker])
  }
  const detail = [...lanes.values()].map(describeLane).join('; ')
  if (lanes.size === 1) return { name, status: 'ok', detail }
  return {
    name,
    status: 'warning',
    detail: `${detail}: a batch is answered by one kind of them alone`,
    cure: 'Give all workers the same --model, --precision and --device, on processors of one class.',
  }
}

/** `2 of base on cpu (avx2, model 1a2b3c4d), 8 lines at once` */
function describeLane(workers: readonly WorkerNote[]): string {
  const [first] = workers
  const places = workers.reduce((sum, worker) => sum + worker.places, 0)
  const { model = '', device = '', kernels = '', fingerprint = '' } = first ?? {}
  return `${workers.length} with ${model} on ${device} (${kernels}, ${fingerprint.slice(0, 8)}), ${places} lines at once`
}

function describeFailure(url: string, error: unknown): Finding {
  const name = 'queue'
  if (error instanceof FlocapError) {
    const { message, hint } = error
    return {
      name,
      status: 'problem',
      detail: message,
      ...(hint === undefined ? {} : { cure: hint }),
    }
  }
  const reason = error instanceof Error && error.message !== '' ? error.message : 'no answer'
  return {
    name,
    status: 'problem',
    detail: `${parseQueueUrl(url).shown} cannot be used: ${withoutPassword(reason, url)}`,
    cure: 'Check the address, user and password, and that the broker runs and may be reached from here.',
  }
}

/** Drivers name addresses and users; should one name more, it is not passed on. */
function withoutPassword(text: string, url: string): string {
  const { password } = new URL(url)
  if (password === '') return text
  return text.replaceAll(password, '***').replaceAll(decodeURIComponent(password), '***')
}
