// The request just made, to make it from elsewhere; and what to enter in clients.
import { useState } from 'preact/hooks'
import { connectionsTo } from '../session/connections.ts'
import { requestCodes } from '../session/request-code.ts'
import type { Asked } from '../session/session.ts'
import { CopyButton } from './copy-button.tsx'

export interface UseItFromProps {
  readonly address: string
  /** Whether the server wants a key. */
  readonly needsKey: boolean
  /** The one that is kept; it is shown masked, and copied as it is. */
  readonly apiKey: string | undefined
  /** What was asked last, about which picture. */
  readonly asked: Asked
  readonly picture: string
}

const MASKED = '••••••••'

export function UseItFrom(props: UseItFromProps) {
  const { address, needsKey, apiKey, asked, picture } = props
  const [language, setLanguage] = useState('curl')
  const codes = (key: string) =>
    requestCodes({ address, picture, asked, key: needsKey ? key : undefined })
  const codeIn = (key: string): string =>
    codes(key).find((each) => each.language === language)?.code ?? ''
  return (
    <section class="connect" aria-labelledby="connect-title">
      <h2 id="connect-title">Use it from elsewhere</h2>
      <div class="request-code">
        <p class="request-head">
          <label>
            This request in{' '}
            <select
              value={language}
              onChange={({ currentTarget: { value } }) => setLanguage(value)}
            >
              {codes('').map((each) => (
                <option key={each.language}>{each.language}</option>
              ))}
            </select>
          </label>
          <CopyButton text={codeIn(apiKey ?? 'YOUR-KEY')} what="the code of this request">
            Copy code
          </CopyButton>
        </p>
        {/* It scrolls, so it can take the focus. */}
        <pre tabIndex={0} role="region" aria-label="Code of this request">
          <code>{codeIn(MASKED)}</code>
        </pre>
      </div>
      <h3>Clients</h3>
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
