// What must be known before an answer is trusted or waited for: the demo model, a model on its way,
// a server that is gone.
import type { Problem } from '../server/problem.ts'
import type { Availability } from '../session/use-readiness.ts'
import { CopyButton } from './copy-button.tsx'
import { Toolbar } from './toolbar.tsx'

export function DemoNotice({
  serveCommand,
  onClose,
}: {
  /** How the server is started, in front of its options. */
  readonly serveCommand: string
  readonly onClose: () => void
}) {
  const command = `${serveCommand} --model base`
  return (
    <aside class="notice" aria-label="About the demo model">
      <p>
        <strong>The demo model is answering.</strong> It knows drawn scenes like the samples and
        nothing else: about a photograph it will say something, but not what is there.
      </p>
      <div class="notice-action">
        <span>
          For photographs, start FloCap with a Florence-2 model:{' '}
          <code class="command">{command}</code>
        </span>
        <Toolbar label="About the demo model">
          <CopyButton text={command} what="the command for a Florence-2 model">
            Copy
          </CopyButton>
          <button type="button" class="quiet" onClick={onClose}>
            Close<span class="visually-hidden"> the notice about the demo model</span>
          </button>
        </Toolbar>
      </div>
    </aside>
  )
}

const HEADLINES: Readonly<Partial<Record<Availability['state'], string>>> = {
  loading: 'The model is on its way.',
  restarting: 'The engine is being restarted.',
  failed: 'The model could not be loaded.',
  unreachable: 'FloCap does not answer.',
}

/** `downloading 42 %`, as /ready says it. */
const PERCENT = /(\d{1,3}) %/

export function AvailabilityNotice({ availability }: { readonly availability: Availability }) {
  const headline = HEADLINES[availability.state]
  if (headline === undefined) return null
  const reason = 'reason' in availability ? availability.reason : undefined
  const percent = PERCENT.exec(reason ?? '')?.[1]
  const isFault = availability.state === 'failed' || availability.state === 'unreachable'
  return (
    <div class={isFault ? 'notice fault' : 'notice'} role="status">
      <p>
        <strong>{headline}</strong> <span>{explain(availability.state, reason)}</span>
      </p>
      {percent === undefined ? null : (
        <progress max={100} value={Number(percent)} aria-label="Download of the model" />
      )}
    </div>
  )
}

function explain(state: Availability['state'], reason: string | undefined): string {
  if (state === 'unreachable') {
    return 'Look at the terminal it was started in. This page goes on when it is back.'
  }
  if (state === 'failed') return reason ?? ''
  if (state === 'restarting') return 'Pictures wait until it is back.'
  const how = reason === undefined || reason === 'loading' ? '' : `It is ${reason}. `
  return `${how}Pictures that you add now are answered as soon as it is here.`
}

export function ProblemNotice({
  problem,
  onRetry,
}: {
  readonly problem: Problem
  readonly onRetry: (() => void) | undefined
}) {
  return (
    <div class="notice fault" role="alert">
      <p>
        <strong>{problem.message}</strong> {problem.hint}
      </p>
      <p class="notice-action">
        {onRetry === undefined ? null : (
          <button type="button" onClick={onRetry}>
            Try again
          </button>
        )}
        <code class="code">{problem.code}</code>
      </p>
    </div>
  )
}

/** More are counted: the first few tell what went wrong. */
const MOST_REFUSALS = 5

export function RefusalNotice({
  refusals,
  onClose,
}: {
  readonly refusals: readonly string[]
  readonly onClose: () => void
}) {
  const more = refusals.length - MOST_REFUSALS
  return (
    <div class="notice fault floating" role="alert">
      {refusals.slice(0, MOST_REFUSALS).map((refusal) => (
        <p key={refusal}>{refusal}</p>
      ))}
      {more > 0 ? <p>{more} more files were left out.</p> : null}
      <p class="notice-action">
        <button type="button" class="quiet" onClick={onClose}>
          Close<span class="visually-hidden"> this message</span>
        </button>
      </p>
    </div>
  )
}
