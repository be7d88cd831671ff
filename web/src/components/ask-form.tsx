// The tasks, what they need, and the button that asks them.
import { useEffect, useRef } from 'preact/hooks'
import type { TaskList } from '../server/wire.ts'
import { type Choice, type Questions, takesOf, toQuestions } from '../session/questions.ts'
import type { Box } from '../session/region.ts'
import type { Picture } from '../session/session.ts'
import { SettingsFields } from './settings-fields.tsx'
import { RegionFields } from './region-fields.tsx'
import { TaskPicker } from './task-picker.tsx'

export interface AskFormProps {
  readonly tasks: TaskList
  readonly choice: Choice
  readonly onChoice: (choice: Choice) => void
  /** The one that is looked at. */
  readonly picture: Picture | undefined
  /** Of all pictures. */
  readonly count: number
  readonly onRegion: (id: number, region: Box | undefined) => void
  readonly onAsk: (picture: Picture) => void
  readonly onAskAll: () => void
  readonly onStop: (id: number) => void
}

const MISSING = {
  picture: 'Add a picture first.',
  task: 'Choose at least one task.',
  text: 'Type the text that the task asks for.',
  region: 'Mark a region on the picture.',
  size: 'Ask another task first: FloCap then knows how large this picture is.',
  settings: 'Correct the settings below.',
} as const

function missingOf(
  picture: Picture | undefined,
  questions: Questions,
): keyof typeof MISSING | undefined {
  if (picture === undefined) return 'picture'
  if (questions.kind === 'complete') return undefined
  return questions.missing === 'region' && picture.size === undefined ? 'size' : questions.missing
}

export function AskForm(props: AskFormProps) {
  const { tasks, choice, onChoice, picture, count, onRegion, onAsk, onAskAll, onStop } = props
  const needsRegion = takesOf(tasks, choice).has('region')
  const questions = toQuestions(tasks, choice, picture?.region)
  const isComplete = questions.kind === 'complete'
  const missing = missingOf(picture, questions)
  const isAsking = picture?.progress.kind === 'asking' || picture?.progress.kind === 'waiting'
  const form = useRef<HTMLFormElement>(null)
  const wasAsking = useRef(isAsking)
  useEffect(() => {
    const hasEnded = wasAsking.current && !isAsking
    wasAsking.current = isAsking
    // Stop is gone; the focus that it had must not be lost with it.
    if (!hasEnded || picture === undefined || document.activeElement !== document.body) return
    form.current?.querySelector<HTMLElement>('button[type=submit]')?.focus({ preventScroll: true })
  }, [isAsking])
  return (
    <form
      ref={form}
      id="tasks"
      tabIndex={-1}
      class="ask"
      aria-label="Tasks"
      onSubmit={(event) => {
        event.preventDefault()
        if (picture !== undefined) onAsk(picture)
      }}
    >
      <TaskPicker tasks={tasks} choice={choice} onChoice={onChoice} />
      {picture?.size !== undefined && needsRegion ? (
        <RegionFields
          key={picture.id}
          region={picture.region}
          size={picture.size}
          onRegion={(region) => onRegion(picture.id, region)}
        />
      ) : null}
      <div class="ask-actions">
        {isAsking ? (
          // One element that turned from Stop into Ask would submit by the same click.
          <button key="stop" type="button" onClick={() => onStop(picture.id)}>
            Stop
          </button>
        ) : (
          <button key="ask" type="submit" class="primary" disabled={missing !== undefined}>
            Ask
          </button>
        )}
        {count > 1 && !needsRegion ? (
          <button type="button" disabled={!isComplete} onClick={onAskAll}>
            Ask about all {count}
          </button>
        ) : null}
        {missing === undefined ? null : <p class="hint">{MISSING[missing]}</p>}
      </div>
      <SettingsFields
        texts={choice.settings}
        onTexts={(settings) => onChoice({ ...choice, settings })}
      />
    </form>
  )
}
