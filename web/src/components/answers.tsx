// What became of the questions about one picture: how the last ones go, then every answer it has.
import type { RefObject } from 'preact'
import type { Server } from '../server/server.ts'
import type { TaskEntry } from '../server/wire.ts'
import { titleOf } from '../session/answers.ts'
import { groundingOf, isDescription, keyOf, textOf } from '../session/given-answers.ts'
import type { Layer, Pointed } from '../session/layers.ts'
import type { Asked, Picture, Progress } from '../session/session.ts'
import { Answer } from './answer.tsx'
import { ProblemNotice } from './notices.tsx'

export interface AnswersProps {
  /** The section itself, to bring it to the eye. */
  readonly place: RefObject<HTMLElement>
  readonly server: Server
  readonly picture: Picture
  readonly tasks: readonly TaskEntry[]
  /** Of all answers that found something. */
  readonly layers: readonly Layer[]
  /** Keys of the layers that lie over the picture. */
  readonly shown: ReadonlySet<string>
  readonly onShow: (key: string, isShown: boolean) => void
  readonly pointed: Pointed | undefined
  readonly onPoint: (pointed: Pointed | undefined) => void
  /** Asks where the things are that a text names. */
  readonly onLocate: (text: string) => void
  readonly onEdit: (index: number, text: string | undefined) => void
  readonly onDrop: (index: number) => void
  readonly onRetry: (asked: Asked) => void
}

export function Answers(props: AnswersProps) {
  const { picture, tasks, layers, shown } = props
  return (
    <section ref={props.place} class="answers" aria-labelledby="answers-title" tabIndex={-1}>
      <h2 id="answers-title" class="visually-hidden">
        Answers
      </h2>
      <UnderWay progress={picture.progress} tasks={tasks} onRetry={props.onRetry} />
      {picture.answers.map((given, index) => {
        const key = keyOf(given)
        return (
          <Answer
            key={key}
            {...props}
            given={given}
            title={titleOf(tasks, given.question)}
            layer={layers.find((layer) => layer.key === key)}
            words={layers.find((layer) => layer.key === groundingOf(picture.answers, given))}
            onLocate={isDescription(tasks, given) ? () => props.onLocate(textOf(given)) : undefined}
            isShown={shown.has(key)}
            onEdit={(text) => props.onEdit(index, text)}
            onDrop={() => props.onDrop(index)}
          />
        )
      })}
    </section>
  )
}

function UnderWay({
  progress,
  tasks,
  onRetry,
}: { readonly progress: Progress } & Pick<AnswersProps, 'tasks' | 'onRetry'>) {
  switch (progress.kind) {
    case 'idle':
    case 'answered':
      return null
    case 'waiting':
      return <p class="waiting">Waiting for its turn …</p>
    case 'asking':
      return (
        <>
          {progress.questions.map((question, index) => (
            <article key={index} class="answer" aria-busy="true">
              <h3>{titleOf(tasks, question)}</h3>
              <p class="answer-text growing">{progress.texts[index]}</p>
            </article>
          ))}
        </>
      )
    case 'failed':
      return (
        <ProblemNotice
          problem={progress.problem}
          onRetry={progress.problem.retry ? () => onRetry(progress) : undefined}
        />
      )
  }
}
