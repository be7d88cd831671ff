// The page: what is shown when, and how its parts hear of each other.
import { useCallback, useEffect, useReducer, useRef, useState } from 'preact/hooks'
import { Answers } from './components/answers.tsx'
import { AskForm } from './components/ask-form.tsx'
import { bringToEye } from './components/bring-to-eye.ts'
import { Connect } from './components/connect.tsx'
import { DropZone } from './components/drop-zone.tsx'
import { Header } from './components/header.tsx'
import { KeyForm } from './components/key-form.tsx'
import {
  AvailabilityNotice,
  DemoNotice,
  ProblemNotice,
  RefusalNotice,
} from './components/notices.tsx'
import { PictureStrip } from './components/picture-strip.tsx'
import { Results } from './components/results.tsx'
import { Samples } from './components/samples.tsx'
import { Stage } from './components/stage.tsx'
import type { ApiKey } from './server/api-key.ts'
import { type Problem, toProblem } from './server/problem.ts'
import type { NamedAddress, NamedFile, Server } from './server/server.ts'
import { announce } from './session/announcement.ts'
import { firstDrawn } from './session/answers.ts'
import { NO_FILE, sortFiles } from './session/picture-files.ts'
import { type Choice, takesOf, toQuestions } from './session/questions.ts'
import {
  EMPTY_SESSION,
  type Picture,
  type Progress,
  reduceSession,
  selectedPicture,
} from './session/session.ts'
import { useAsking } from './session/use-asking.ts'
import { useFacts } from './session/use-facts.ts'
import { useIncomingFiles } from './session/use-incoming-files.ts'
import { canAnswer, useReadiness } from './session/use-readiness.ts'

export interface AppProps {
  readonly server: Server
  readonly apiKey: ApiKey
  /** Where clients reach the server, without a slash at the end. */
  readonly address: string
}

export function App({ server, apiKey, address }: AppProps) {
  const [session, dispatch] = useReducer(reduceSession, EMPTY_SESSION)
  const [availability, recheck] = useReadiness(server)
  const { facts, reload, lock } = useFacts(server, canAnswer(availability))
  const known = facts.kind === 'known' ? facts : undefined
  const [changedChoice, setChoice] = useState<Choice>()
  const choice = changedChoice ?? { tasks: known ? [known.tasks.default_task] : [], text: '' }
  const [active, setActive] = useState<number>()
  const [drawn, setDrawn] = useState<{ readonly progress: Progress; readonly answer: number }>()
  const [sampleProblem, setSampleProblem] = useState<Problem>()
  const [isNoticeClosed, setNoticeClosed] = useState(false)
  const main = useRef<HTMLElement>(null)
  const picture = selectedPicture(session)

  const onPostponed = useCallback(
    (code: string) => (code === 'unauthorized' ? lock() : recheck()),
    [lock, recheck],
  )
  const stop = useAsking({
    server,
    session,
    dispatch,
    enabled: known !== undefined && canAnswer(availability),
    maxBodyBytes: known?.status.limits.max_body_bytes,
    onPostponed,
    onUnreachable: recheck,
  })

  const ask = ({ id, region }: Picture): void => {
    if (known === undefined) return
    const asked = toQuestions(known.tasks, choice, region)
    if (asked.kind === 'incomplete') return
    stop(id)
    dispatch({ type: 'asked', id, questions: asked.questions })
  }

  // Whatever is asked, its answer is where the eye and the focus are.
  const look = useRef<HTMLElement>(null)
  const answersAt = useRef<HTMLElement>(null)
  const [attention, setAttention] = useState(0)
  const attend = useCallback(() => setAttention((before) => before + 1), [])
  useEffect(() => {
    if (attention > 0) answersAt.current?.focus({ preventScroll: true })
  }, [attention])
  useEffect(() => {
    const place = answersAt.current
    // Who has gone elsewhere meanwhile is left there.
    if (attention === 0 || look.current === null || place === null) return
    if (place.contains(document.activeElement)) bringToEye(look.current, place)
  }, [attention, picture?.progress.kind, picture?.size])

  // A new picture is asked about at once, or as soon as the page knows what can be asked.
  const fresh = useRef(new Set<number>())
  useEffect(() => {
    if (known === undefined) return
    for (const each of session.pictures.filter(({ id }) => fresh.current.delete(id))) ask(each)
  })

  const add = useCallback(
    (files: readonly NamedFile[]) => {
      const pictures = files.map((each) => ({
        ...each,
        id: nextId(),
        url: URL.createObjectURL(each.file),
      }))
      for (const { id } of pictures) fresh.current.add(id)
      if (pictures.length === 0) return
      dispatch({ type: 'added', pictures })
      attend()
    },
    [attend],
  )
  const [refusals, setRefusals] = useState<readonly string[]>([])
  const addFiles = useCallback(
    (files: readonly File[]) => {
      const sorted = sortFiles(files)
      setRefusals(files.length === 0 ? [NO_FILE] : sorted.refusals)
      add(sorted.pictures)
    },
    [add],
  )
  const isDraggedOver = useIncomingFiles(addFiles)
  const addSample = (sample: NamedAddress): void => {
    setSampleProblem(undefined)
    server.fetchSample(sample).then(
      (file) => add([file]),
      (error: unknown) => setSampleProblem(toProblem(error)),
    )
  }
  const remove = (id: number): void => {
    stop(id)
    const gone = session.pictures.find((each) => each.id === id)
    if (gone) URL.revokeObjectURL(gone.url)
    dispatch({ type: 'removed', id })
    // The button that was pressed goes with the picture: the focus goes to what takes its place.
    requestAnimationFrame(() => {
      look.current
        ?.querySelector<HTMLElement>('.thumbnail[aria-current=true], input[type=file]')
        ?.focus()
    })
  }

  const takes = known ? takesOf(known.tasks, choice) : undefined
  const answers = picture?.progress.kind === 'answered' ? picture.progress.answer.answers : []
  const shown = drawn?.progress === picture?.progress ? drawn?.answer : firstDrawn(answers)
  const drawing = shown === undefined ? undefined : answers[shown]?.overlay?.data
  const key = apiKey.read()

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
            onClose={() => {
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
          <section ref={look} class="look" aria-label="Picture and answers">
            {picture === undefined ? (
              <DropZone onFiles={addFiles} />
            ) : (
              <>
                <Stage
                  key={picture.id}
                  server={server}
                  picture={picture}
                  drawing={drawing}
                  active={active}
                  onActive={setActive}
                  onSize={(size) => dispatch({ type: 'sized', id: picture.id, size })}
                  onRegion={
                    takes?.has('region')
                      ? (region) => dispatch({ type: 'marked', id: picture.id, region })
                      : undefined
                  }
                />
                <PictureStrip
                  pictures={session.pictures}
                  selected={session.selected}
                  onSelect={(id) => {
                    setActive(undefined)
                    dispatch({ type: 'selected', id })
                  }}
                  onRemove={remove}
                  onFiles={addFiles}
                />
                <Answers
                  place={answersAt}
                  server={server}
                  picture={picture}
                  tasks={known?.tasks.tasks ?? []}
                  isDemo={known?.status.model.demo ?? false}
                  drawn={shown}
                  onDrawn={(answer) => setDrawn({ progress: picture.progress, answer })}
                  active={active}
                  onActive={setActive}
                  onRetry={() => {
                    if (picture.progress.kind !== 'failed') return
                    attend()
                    dispatch({
                      type: 'asked',
                      id: picture.id,
                      questions: picture.progress.questions,
                    })
                  }}
                />
              </>
            )}
            {session.pictures.length > 1 ? (
              <Results pictures={session.pictures} tasks={known?.tasks.tasks ?? []} />
            ) : null}
            <p class="visually-hidden" role="status">
              {announce(picture)}
            </p>
          </section>

          <Samples server={server} isAside={picture !== undefined} onSample={addSample} />
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
                ask(asked)
                attend()
              }}
              onAskAll={() => {
                session.pictures.forEach(ask)
                attend()
              }}
              onStop={(id) => {
                stop(id)
                dispatch({ type: 'stopped', id })
              }}
            />
          )}
        </div>
      </main>

      <Connect address={address} needsKey={key !== undefined || facts.kind === 'locked'} />
      <footer class="page-footer">
        <p>
          Pictures go to this server and nowhere else; it keeps none.
          {known?.status.version ? ` FloCap ${known.status.version}.` : ''}
        </p>
      </footer>
    </div>
  )
}

let lastId = 0

function nextId(): number {
  lastId += 1
  return lastId
}
