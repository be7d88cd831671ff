// What answers, and what it is busy with; asked for only while a person looks.
import { useEffect, useState } from 'preact/hooks'
import type { Server } from '../server/server.ts'
import type { Status } from '../server/wire.ts'
import { serverFacts } from '../session/server-facts.ts'

export interface ServerPanelProps {
  readonly server: Server
  readonly status: Status
}

/** Often enough to see a queue move. */
const REFRESH_MS = 2000

export function ServerPanel({ server, status }: ServerPanelProps) {
  const [isOpen, setOpen] = useState(false)
  const [metrics, setMetrics] = useState<string>()
  useEffect(() => {
    if (!isOpen) return undefined
    let stopped = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async (): Promise<void> => {
      // Where it cannot be had, the rest is shown without it.
      const found = await server.metrics().catch(() => undefined)
      if (stopped) return
      setMetrics(found)
      timer = setTimeout(() => void look(), REFRESH_MS)
    }
    void look()
    return () => {
      stopped = true
      clearTimeout(timer)
    }
  }, [server, isOpen])
  return (
    <section class="server-panel" aria-label="About this server">
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>About this server</summary>
        <dl>
          {serverFacts(status, metrics).map(({ label, value }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <p class="hint">
          A server has one model. For another, stop it and start it again:{' '}
          <code>{status.serve_command ?? 'flocap'} --model base</code> or <code>--model large</code>
          . What is not on this machine yet is downloaded first.
        </p>
      </details>
    </section>
  )
}
