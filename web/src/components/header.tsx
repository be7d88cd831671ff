// Who answers: the name, the model, how it computes.
import type { Status } from '../server/wire.ts'
import { arithmeticOf } from '../session/server-facts.ts'
import type { Availability } from '../session/use-readiness.ts'

export interface HeaderProps {
  readonly status: Status | undefined
  readonly availability: Availability
  /** Whether the description of the API can be opened: a link cannot show a key. */
  readonly hasDocs: boolean
  /** Present when a key is kept. */
  readonly onForgetKey: (() => void) | undefined
}

export function Header({ status, availability, hasDocs, onForgetKey }: HeaderProps) {
  return (
    <header class="page-header">
      <h1>
        <Mark />
        FloCap
      </h1>
      <p class="tagline">Captions pictures on your own machine</p>
      <div class="server-facts">
        {status === undefined ? null : <Model status={status} availability={availability} />}
        {hasDocs ? <a href="./docs">API</a> : null}
        {onForgetKey === undefined ? null : (
          <button type="button" class="quiet" onClick={onForgetKey}>
            Forget API key
          </button>
        )}
      </div>
    </header>
  )
}

function Model({
  status: { model },
  availability,
}: {
  readonly status: Status
  readonly availability: Availability
}) {
  const arithmetic = arithmeticOf(model.precision)
  const isReady = availability.state === 'ready' || availability.state === 'busy'
  return (
    <p class="model" data-state={isReady ? 'ready' : 'waiting'}>
      <span class="model-name">{model.id}</span>
      {arithmetic === undefined ? null : <span class="model-detail">{arithmetic}</span>}
    </p>
  )
}

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M5 11V8a3 3 0 0 1 3-3h3M21 5h3a3 3 0 0 1 3 3v3" />
      <path d="M5 19h22M5 26h13" />
    </svg>
  )
}
