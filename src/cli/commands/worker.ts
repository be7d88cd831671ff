// `flocap worker`: answers lines of batches until it is told to stop.
import { toPrintable } from '../../base/printable.ts'
import { startWorker } from '../../app/start-worker.ts'
import { type Flags, resolveSettings } from '../../config/settings.ts'

export async function worker(flags: Flags): Promise<void> {
  const stopped = new AbortController()
  const told = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (stopped.signal.aborted) process.exit(1)
        stopped.abort()
        resolve(signal)
      })
    }
  })
  const starting = startWorker(resolveSettings(flags, process.env), stopped.signal)
  const app = await Promise.race([starting, told.then(() => undefined)])
  // Told to stop while it was starting: there is nothing to finish.
  if (app === undefined) process.exit(0)
  console.error(
    `Working for ${toPrintable(app.queue)} with ${toPrintable(app.model)}, ${app.places} lines at once.`,
  )
  console.error('Press Ctrl-C to stop.')
  const signal = await told
  console.error(`${signal}: finishing what is running. A second one stops at once.`)
  await app.close()
  process.exit(0)
}
