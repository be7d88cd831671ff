// What answers, what it is busy with, other models and batches; asked for only while a person looks.
import { useCallback, useState } from 'preact/hooks'
import type { Server } from '../server/server.ts'
import type { Status } from '../server/wire.ts'
import { serverFacts } from '../session/server-facts.ts'
import { usePolled } from '../session/use-polled.ts'
import { BatchesPanel } from './batches-panel.tsx'
import { ModelsPanel } from './models-panel.tsx'

export interface ServerPanelProps {
  readonly server: Server
  readonly status: Status
  /** Another model answers, or is about to. */
  readonly onSwitch: () => void
}

/** Often enough to see a queue move. */
const REFRESH_MS = 2000

export function ServerPanel(props: ServerPanelProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <section class="server-panel" aria-label="About this server">
      <details
        onToggle={({ currentTarget, target }) => {
          // Those inside of it bubble in some browsers.
          if (target === currentTarget) setOpen(currentTarget.open)
        }}
      >
        <summary>About this server</summary>
        {isOpen ? <Opened {...props} /> : null}
      </details>
    </section>
  )
}

function Opened({ server, status, onSwitch }: ServerPanelProps) {
  const ask = useCallback(async () => server.metrics(), [server])
  // Where they cannot be had, the rest is shown without them.
  const { value: metrics } = usePolled(ask, REFRESH_MS)
  return (
    <>
      <dl>
        {serverFacts(status, metrics).map(({ label, value }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <ModelsPanel
        server={server}
        serveCommand={status.serve_command ?? 'flocap'}
        onSwitch={onSwitch}
      />
      {status.batches ? <BatchesPanel server={server} /> : null}
    </>
  )
}
