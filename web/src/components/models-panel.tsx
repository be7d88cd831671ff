// Which models there are, a download with its progress, and another model to answer: for who may.
import type { ComponentChildren } from 'preact'
import { useCallback, useEffect, useRef } from 'preact/hooks'
import type { Server } from '../server/server.ts'
import type { ModelEntry, Models, Pull } from '../server/wire.ts'
import { modelSize, pullNews, pullProgress, switchNews } from '../session/model-words.ts'
import { usePolled } from '../session/use-polled.ts'

export interface ModelsPanelProps {
  readonly server: Server
  /** What its user types in front of options of the server. */
  readonly serveCommand: string
  /** Another model answers, or is about to. */
  readonly onSwitch: () => void
}

/** A download moves by some megabytes a second. */
const REFRESH_MS = 1000

export function ModelsPanel({ server, serveCommand, onSwitch }: ModelsPanelProps) {
  const ask = useCallback(async () => server.models(), [server])
  const { value, problem, set, fail } = usePolled(ask, REFRESH_MS)
  const news = useRef<HTMLDivElement>(null)
  const isKnown = value !== undefined
  const switched = value?.switch ? `${value.switch.model} ${value.switch.state}` : ''
  /** Undefined at first: what was so before the panel was opened is no news. */
  const seen = useRef<string>()
  useEffect(() => {
    if (!isKnown) return
    if (seen.current !== undefined && seen.current !== switched) onSwitch()
    seen.current = switched
  }, [isKnown, switched, onSwitch])

  function change(work: Promise<Models>): void {
    // The button goes with what it does; the focus stays with the news of it.
    news.current?.focus()
    work.then(set, fail)
  }

  if (value === undefined || !value.management.allowed) {
    return (
      <section class="models" aria-label="Models">
        <h2>Models</h2>
        <p class="hint">{value?.management.reason ?? problem?.message}</p>
        <p class="hint">
          To start FloCap with another model: <code>{serveCommand} --model base</code> or{' '}
          <code>--model large</code>. What is not on the machine yet is downloaded first.
        </p>
      </section>
    )
  }
  const { models, pull, switch: switching } = value
  const isBusy = switching?.state === 'running'
  const here = models.filter((each) => each.installed_bytes !== null)
  const elsewhere = models.filter((each) => each.installed_bytes === null)
  return (
    <section class="models" aria-label="Models">
      <h2>Models</h2>
      <div ref={news} class="model-news" tabIndex={-1}>
        {problem === undefined ? null : (
          <p class="field-fault" role="alert">
            {problem.message} {problem.hint}
          </p>
        )}
        <p role="status">{pull === null ? '' : pullNews(pull)}</p>
        {pull?.state === 'running' ? (
          <PullProgress pull={pull} onCancel={() => change(server.cancelPull())} />
        ) : null}
        <p role="status">{switching === null ? '' : switchNews(switching)}</p>
      </div>
      <ul class="model-list" aria-label="Models on this machine">
        {here.map((each) => (
          <Model key={each.name} model={each}>
            {each.serving ? (
              <span class="mark-serving">{isBusy ? 'on its way' : 'answers now'}</span>
            ) : (
              <ModelButton
                isBusy={isBusy}
                what="Switch"
                name={each.name}
                onPress={() => change(server.switchModel(each.name))}
              />
            )}
          </Model>
        ))}
      </ul>
      {elsewhere.length === 0 ? null : (
        <details>
          <summary>{elsewhere.length} more to download</summary>
          <ul class="model-list" aria-label="Models to download">
            {elsewhere.map((each) => (
              <Model key={each.name} model={each}>
                <ModelButton
                  isBusy={pull?.state === 'running'}
                  what="Pull"
                  name={each.name}
                  onPress={() => change(server.pullModel(each.name))}
                />
              </Model>
            ))}
          </ul>
          <p class="hint">
            Others of the Hugging Face Hub come by <code>flocap pull owner/name</code>.
          </p>
        </details>
      )}
    </section>
  )
}

function PullProgress({ pull, onCancel }: { readonly pull: Pull; readonly onCancel: () => void }) {
  const words = pullProgress(pull)
  return (
    <div class="pull-progress">
      <progress
        aria-label={`Download of ${pull.model}`}
        aria-valuetext={words}
        // Without a value it only says that something goes on.
        {...(pull.total_bytes === null
          ? {}
          : { max: pull.total_bytes, value: pull.received_bytes })}
      />
      <span>{words}</span>
      <button type="button" onClick={onCancel}>
        Cancel<span class="visually-hidden"> the download of {pull.model}</span>
      </button>
    </div>
  )
}

function Model({
  model,
  children,
}: {
  readonly model: ModelEntry
  readonly children: ComponentChildren
}) {
  return (
    <li>
      <div>
        <strong>{model.name}</strong> <span class="model-size">{modelSize(model)}</span>
        {model.note === null ? null : <p class="hint">{model.note}</p>}
      </div>
      {children}
    </li>
  )
}

interface ModelButtonProps {
  /** It would be refused now. */
  readonly isBusy: boolean
  readonly what: string
  readonly name: string
  readonly onPress: () => void
}

/** Stays in the order of Tab while it does nothing. */
function ModelButton({ isBusy, what, name, onPress }: ModelButtonProps) {
  return (
    <button type="button" aria-disabled={isBusy} onClick={isBusy ? undefined : onPress}>
      {what}
      <span class="visually-hidden"> {what === 'Pull' ? name : `to ${name}`}</span>
    </button>
  )
}
