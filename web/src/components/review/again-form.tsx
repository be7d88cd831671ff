// Captions the picture that is looked at again, with a task of choice.
import type { CaptionTask } from '../../session/review/use-review.ts'

export interface AgainFormProps {
  readonly tasks: readonly CaptionTask[]
  readonly task: string
  readonly isAsking: boolean
  /** Its caption is not to be changed. */
  readonly isKept: boolean
  readonly onChoose: (task: string) => void
  readonly onAsk: () => void
}

export function AgainForm({ tasks, task, isAsking, isKept, onChoose, onAsk }: AgainFormProps) {
  return (
    <form
      class="again-form"
      aria-label="Caption again"
      onSubmit={(event) => {
        event.preventDefault()
        onAsk()
      }}
    >
      <label class="field">
        Caption again as
        <select value={task} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
          {tasks.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" disabled={isAsking || isKept}>
        {isAsking ? 'Asking the model…' : 'Caption again'}
      </button>
    </form>
  )
}
