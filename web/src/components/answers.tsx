// What became of the questions about one picture.
import type { RefObject } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { Server } from '../server/server.ts'
import { type Problem, toProblem } from '../server/problem.ts'
import type { TaskAnswer, TaskEntry } from '../server/wire.ts'
import {
  answerJson,
  drawingName,
  type ListedFinding,
  listFindings,
  measureAnswer,
} from '../session/answers.ts'
import { parseDrawing } from '../session/drawing.ts'
import type { Picture } from '../session/session.ts'
import { CopyButton } from './copy-button.tsx'
import { ProblemNotice } from './notices.tsx'
import { saveFile } from './save-file.ts'

export interface AnswersProps {
  /** The section itself, to bring it to the eye. */
  readonly place: RefObject<HTMLElement>
  readonly server: Server
  readonly picture: Picture
  readonly tasks: readonly TaskEntry[]
  /** The demo model answers. */
  readonly isDemo: boolean
  /** Index of the answer whose drawing lies over the picture. */
  readonly drawn: number | undefined
  readonly onDrawn: (answer: number) => void
  readonly active: number | undefined
  readonly onActive: (finding: number | undefined) => void
  readonly onRetry: () => void
}

export function Answers(props: AnswersProps) {
  return (
    <section ref={props.place} class="answers" aria-labelledby="answers-title" tabIndex={-1}>
      <h2 id="answers-title" class="visually-hidden">
        Answers
      </h2>
      <AnswersOf {...props} />
    </section>
  )
}

function AnswersOf(props: AnswersProps) {
  const { picture, tasks, onRetry } = props
  const { progress } = picture
  const titleOf = (id: string): string => tasks.find((task) => task.id === id)?.title ?? id
  switch (progress.kind) {
    case 'idle':
      return null
    case 'waiting':
      return <p class="waiting">Waiting for its turn …</p>
    case 'asking':
      return (
        <>
          {progress.questions.map(({ task }, index) => (
            <article key={task} class="answer" aria-busy="true">
              <h3>{titleOf(task)}</h3>
              <p class="answer-text growing">{progress.texts[index]}</p>
            </article>
          ))}
        </>
      )
    case 'failed':
      return (
        <ProblemNotice
          problem={progress.problem}
          onRetry={progress.problem.retry ? onRetry : undefined}
        />
      )
    case 'answered':
      return (
        <>
          {progress.answer.answers.map((answer, index) => (
            <Answer
              key={`${answer.task} ${index}`}
              {...props}
              answer={answer}
              index={index}
              title={titleOf(answer.task)}
            />
          ))}
        </>
      )
  }
}

function Answer(
  props: AnswersProps & {
    readonly answer: TaskAnswer
    readonly index: number
    readonly title: string
  },
) {
  const { answer, index, title, drawn, onDrawn, isDemo } = props
  const { progress } = props.picture
  const phrase = progress.kind === 'answered' ? progress.questions[index]?.input : undefined
  const findings = useMemo(() => listFindings(answer, phrase), [answer, phrase])
  const isDrawn = drawn === index
  return (
    <article class="answer">
      <header>
        <h3>{title}</h3>
        <p class="measure">{measureAnswer(answer, isDemo)}</p>
      </header>
      {answer.data.kind === 'text' || findings.length === 0 ? (
        <p class="answer-text">{answer.text}</p>
      ) : (
        <Findings {...props} findings={findings} isDrawn={isDrawn} />
      )}
      <footer>
        <CopyButton text={answer.text} what={`of ${title}`}>
          Copy text
        </CopyButton>
        <CopyButton text={answerJson(answer)} what={`of ${title}`}>
          Copy JSON
        </CopyButton>
        {findings.length === 0 ? null : (
          <>
            <DrawingButton {...props} />
            {isDrawn ? null : (
              <button type="button" class="quiet" onClick={() => onDrawn(index)}>
                Show on the picture
              </button>
            )}
          </>
        )}
      </footer>
    </article>
  )
}

/** Each finding can be pointed at or tabbed to, and then stands out on the picture. */
function Findings({
  answer,
  findings,
  active,
  onActive,
  isDrawn,
  index,
  onDrawn,
}: AnswersProps & {
  readonly answer: TaskAnswer
  readonly findings: readonly ListedFinding[]
  readonly index: number
  readonly isDrawn: boolean
}) {
  const colours = useMemo(
    () => (answer.overlay === undefined ? undefined : parseDrawing(answer.overlay.data).colours),
    [answer],
  )
  const point = (finding: number): void => {
    if (!isDrawn) onDrawn(index)
    onActive(finding)
  }
  return (
    <ol class="findings">
      {findings.map(({ label, place }, finding) => (
        <li key={finding}>
          <button
            type="button"
            class="finding"
            data-active={isDrawn && active === finding}
            onPointerEnter={() => point(finding)}
            onPointerLeave={() => onActive(undefined)}
            onFocus={() => point(finding)}
            onBlur={() => onActive(undefined)}
          >
            <span class="swatch" style={{ background: colours?.get(finding) ?? 'currentColor' }} />
            <span class="label">{label || 'without a name'}</span>
            <span class="place">{place}</span>
          </button>
        </li>
      ))}
    </ol>
  )
}

function DrawingButton({
  server,
  picture,
  answer,
  index,
  title,
}: AnswersProps & {
  readonly answer: TaskAnswer
  readonly index: number
  readonly title: string
}) {
  const [problem, setProblem] = useState<Problem>()
  const { progress } = picture
  const question = progress.kind === 'answered' ? progress.questions[index] : undefined
  if (question === undefined) return null
  const download = async (): Promise<void> => {
    setProblem(undefined)
    try {
      saveFile(await server.draw(picture, question), drawingName(picture.name, answer.task))
    } catch (error) {
      setProblem(toProblem(error))
    }
  }
  return (
    <>
      <button type="button" class="quiet" onClick={() => void download()}>
        Download drawing<span class="visually-hidden"> of {title}</span>
      </button>
      {problem === undefined ? null : (
        <span class="field-fault" role="alert">
          {problem.message} {problem.hint}
        </span>
      )}
    </>
  )
}
