// Everything the doctor looks at, in the order of the report.
import type { Settings } from '../../config/settings.ts'
import { createLogger } from '../log.ts'
import { openStore } from '../open-store.ts'
import { inspectAdapter } from './adapter.ts'
import type { Finding } from './finding.ts'
import { inspectHome } from './home.ts'
import { inspectMachine, readMachineFacts } from './machine.ts'
import { inspectCache, inspectCompiled, inspectModel } from './model.ts'
import { inspectPort } from './port.ts'
import { inspectQueue } from './queue.ts'
import { runSelfTests } from './self-test.ts'

export type { Finding } from './finding.ts'

/** Takes some seconds: it hashes the model and captions a picture. */
export async function examine(settings: Settings): Promise<readonly Finding[]> {
  const store = openStore(settings, createLogger({ level: 'warn' }))
  const home = await inspectHome(store)
  const findings = [...inspectMachine(readMachineFacts(settings.threads)), home]
  // Without a cache folder nothing can be compiled, and each further finding would say so again.
  if (home.status === 'problem') return [...findings, await inspectPort(settings.port)]
  const adapter = await inspectAdapter(store, settings)
  const asked = { ...settings, model: adapter.model }
  return [
    ...findings,
    await inspectCache(store),
    ...adapter.findings,
    await inspectModel(store, asked),
    await inspectCompiled(store, asked),
    await inspectPort(settings.port),
    ...(await inspectQueue(settings.queue)),
    ...(await runSelfTests(settings)),
  ]
}
