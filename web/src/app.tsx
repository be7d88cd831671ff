// The page: what is shown when, and how its parts hear of each other.
import { useCallback, useRef, useState } from 'preact/hooks'
import { AskForm } from './components/ask-form.tsx'
import { DropZone } from './components/drop-zone.tsx'
import { Header } from './components/header.tsx'
import { KeyForm } from './components/key-form.tsx'
import { Look } from './components/look.tsx'
import {
  AvailabilityNotice,
  DemoNotice,
  ProblemNotice,
  RefusalNotice,
} from './components/notices.tsx'
import { Results } from './components/results.tsx'
import { Samples } from './components/samples.tsx'
import { ServerPanel } from './components/server-panel.tsx'
import { ThemeSwitch } from './components/theme-switch.tsx'
import { UseItFrom } from './components/use-it-from.tsx'
import { useAttention } from './components/use-attention.ts'
import { VisitNote } from './components/visit-note.tsx'
import type { ApiKey } from './server/api-key.ts'
import { type Problem, toProblem } from './server/problem.ts'
import type { NamedAddress, Server } from './server/server.ts'
import { announce } from './session/announcement.ts'
import { readIsClosed, rememberClosed } from './session/demo-notice.ts'
import { NO_FILE, sortFiles } from './session/picture-files.ts'
import { type Choice, takesOf, toQuestions } from './session/questions.ts'
import { lastAsked, selectedPicture } from './session/session.ts'
import { useFacts } from './session/use-facts.ts'
import { useIncomingFiles } from './session/use-incoming-files.ts'
import { useLateness } from './session/use-lateness.ts'
import { canAnswer, useReadiness } from './session/use-readiness.ts'
import { useSamples } from './session/use-samples.ts'
import { useVisit } from './session/use-visit.ts'

/** A history or samples that take longer are not waited for. */
const MOST_UNSHOWN_MS = 2000

export interface AppProps {
  readonly server: Server
  readonly apiKey: ApiKey
  /** Where clients reach the server, without a slash at the end. */
  readonly address: string
}

export function App({ server, apiKey, address }: AppProps) {
  const [availability, recheck] = useReadiness(server)
  const { facts, reload, lock } = useFacts(server, canAnswer(availability))
  const known = facts.kind === 'known' ? facts : undefined
  const [changedChoice, setChoice] = useState<Choice>()
  const choice = changedChoice ?? {
    tasks: known ? [known.tasks.default_task] : [],
    text: '',
    settings: {},
  }
  const samples = useSamples(server)
  const [sampleProblem, setSampleProblem] = useState<Problem>()
  const [isNoticeClosed, setNoticeClosed] = useState(() => readIsClosed(localStorage))
  const main = useRef<HTMLElement>(null)
  const onPostponed = useCallback(
    (code: string) => (code === 'unauthorized' ? lock() : recheck()),
    [lock, recheck],
  )
  const onSwitch = useCallback(() => {
    recheck()
    reload()
  }, [recheck, reload])
  const visit = useVisit({
    server,
    isKnown: known !== undefined,
    canAsk: known !== undefined && canAnswer(availability),
    maxBodyBytes: known?.status.limits.max_body_bytes,
    askedOf: ({ region }) => {
      if (known === undefined) return undefined
      const asked = toQuestions(known.tasks, choice, region)
      return asked.kind === 'complete' ? asked : undefined
    },
    onPostponed,
    onUnreachable: recheck,
  })
  const { session, dispatch } = visit
  // Shown once it is known what stands on it: nothing moves under the pointer then.
  const isLate = useLateness(MOST_UNSHOWN_MS)
  const isShown = useRef(false)
  isShown.current ||=
    facts.kind !== 'loading' &&
    availability.state !== 'unknown' &&
    ((samples !== undefined && visit.history.kind !== 'opening') || isLate)
  const picture = selectedPicture(session)
  const attention = useAttention(picture)
  const { attend } = attention

  const { add } = visit
  const [refusals, setRefusals] = useState<readonly string[]>([])
  const addFiles = useCallback(
    (files: readonly File[]) => {
      const sorted = sortFiles(files)
      setRefusals(files.length === 0 ? [NO_FILE] : sorted.refusals)
      if (sorted.pictures.length === 0) return
      void add(sorted.pictures).then(attend)
    },
    [add, attend],
  )
  const isDraggedOver = useIncomingFiles(addFiles)
  const addSample = (sample: NamedAddress): void => {
    setSampleProblem(undefined)
    const fetchIt = async (): Promise<void> => {
      try {
        await add([await server.fetchSample(sample)])
        attend()
      } catch (error) {
        setSampleProblem(toProblem(error))
      }
    }
    void fetchIt()
  }

  const takes = known ? takesOf(known.tasks, choice) : undefined
  const key = apiKey.read()

  if (!isShown.current) return null
  return (
    <div class={isDraggedOver ? 'page dragged-over' : 'page'}>
      {known === undefined ? null : (
        <a class="skip" href="#tasks">
          Skip to the tasks
        </a>
      )}
      <Header
        status={known?.status}
        availability={availability}
        hasDocs={facts.kind === 'known' && key === undefined}
        onForgetKey={
          key === undefined || known === undefined
            ? undefined
            : () => {
                apiKey.forget()
                reload()
              }
        }
      />
      <main ref={main} tabIndex={-1}>
        {known?.status.model.demo && !isNoticeClosed ? (
          <DemoNotice
            serveCommand={known.status.serve_command ?? 'flocap'}
            onClose={() => {
              rememberClosed(localStorage)
              setNoticeClosed(true)
              main.current?.focus()
            }}
          />
        ) : null}
        <AvailabilityNotice availability={availability} />
        {facts.kind === 'failed' && canAnswer(availability) ? (
          <ProblemNotice problem={facts.problem} onRetry={reload} />
        ) : null}
        {facts.kind === 'locked' ? (
          <KeyForm
            isWrong={key !== undefined}
            onKey={(typed, remember) => {
              apiKey.keep(typed, remember)
              reload()
            }}
          />
        ) : null}

        {refusals.length === 0 ? null : (
          <RefusalNotice
            refusals={refusals}
            onClose={() => {
              setRefusals([])
              main.current?.focus()
            }}
          />
        )}
        <div class="workbench">
          <section ref={attention.look} class="look" aria-label="Picture and answers">
            {picture === undefined ? (
              <div class="look-empty">
                <DropZone onFiles={addFiles} />
                <Samples samples={samples ?? []} isAside={false} onSample={addSample} />
              </div>
            ) : (
              <Look
                server={server}
                isReady={canAnswer(availability)}
                maxBodyBytes={known?.status.limits.max_body_bytes}
                visit={visit}
                picture={picture}
                tasks={known?.tasks.tasks ?? []}
                takesRegion={takes?.has('region') ?? false}
                attention={attention}
                onFiles={addFiles}
              />
            )}
            <p class="visually-hidden" role="status">
              {announce(picture)}
            </p>
          </section>

          {picture === undefined ? null : (
            <Samples samples={samples ?? []} isAside onSample={addSample} />
          )}
          {sampleProblem === undefined ? null : (
            <ProblemNotice problem={sampleProblem} onRetry={undefined} />
          )}

          {known === undefined ? null : (
            <AskForm
              tasks={known.tasks}
              choice={choice}
              onChoice={setChoice}
              picture={picture}
              count={session.pictures.length}
              onRegion={(id, region) => dispatch({ type: 'marked', id, region })}
              onAsk={(asked) => {
                visit.ask(asked)
                attend()
              }}
              onAskAll={() => {
                session.pictures.forEach(visit.ask)
                attend()
              }}
              onStop={visit.stop}
            />
          )}
        </div>
        {picture === undefined ? null : (
          <section class="visit" aria-label="This visit">
            {session.pictures.length > 1 ? (
              <Results
                pictures={session.pictures}
                tasks={known?.tasks.tasks ?? []}
                onEdit={(id, index, text) => dispatch({ type: 'edited', id, index, text })}
              />
            ) : null}
            <VisitNote
              history={visit.history}
              onClear={() => {
                visit.clear()
                attention.refocus()
              }}
            />
          </section>
        )}
      </main>

      <UseItFrom
        address={address}
        needsKey={key !== undefined || facts.kind === 'locked'}
        apiKey={key}
        asked={
          lastAsked(picture) ?? {
            questions: [{ task: known?.tasks.default_task ?? 'caption' }],
            settings: {},
          }
        }
        picture={picture?.name ?? 'photo.jpg'}
      />
      {known === undefined ? null : (
        <ServerPanel server={server} status={known.status} onSwitch={onSwitch} />
      )}
      <footer class="page-footer">
        <ThemeSwitch />
        <p>
          Pictures go to this server and nowhere else; it keeps none of them.
          {known?.status.version ? ` FloCap ${known.status.version}.` : ''}
        </p>
      </footer>
    </div>
  )
}
