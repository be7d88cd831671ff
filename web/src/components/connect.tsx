// How to point other programs at this server.
import { connectionsTo } from '../session/connections.ts'
import { CopyButton } from './copy-button.tsx'

export interface ConnectProps {
  readonly address: string
  readonly needsKey: boolean
}

export function Connect({ address, needsKey }: ConnectProps) {
  return (
    <section class="connect" aria-labelledby="connect-title">
      <h2 id="connect-title">Connect a client</h2>
      <dl>
        {connectionsTo(address, needsKey).map(({ client, where, value }) => (
          <div key={client}>
            <dt>{client}</dt>
            <dd class="where">{where}</dd>
            <dd class="value">
              <code>{value}</code>
              <CopyButton text={value} what={`for ${client}`}>
                Copy
              </CopyButton>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
