// Chooses what is asked: any tasks of the server's table, with their text.
import type { TaskEntry, TaskList } from '../server/wire.ts'
import { type Choice, GROUP_TITLES, groupTasks, takesOf } from '../session/questions.ts'

export interface TaskPickerProps {
  readonly tasks: TaskList
  readonly choice: Choice
  readonly onChoice: (choice: Choice) => void
}

export function TaskPicker({ tasks, choice, onChoice }: TaskPickerProps) {
  const toggle = (id: string): void => {
    const without = choice.tasks.filter((each) => each !== id)
    const isChosen = without.length < choice.tasks.length
    onChoice({ ...choice, tasks: isChosen ? without : [...without, id] })
  }
  return (
    <div class="tasks">
      {groupTasks(tasks).map(({ group, tasks: entries }) => {
        const chips = <Chips entries={entries} chosen={choice.tasks} onToggle={toggle} />
        if (group !== 'fine_tune') {
          return (
            <fieldset key={group}>
              <legend>{GROUP_TITLES[group]}</legend>
              {chips}
            </fieldset>
          )
        }
        return (
          <details key={group} open={entries.some(({ id }) => choice.tasks.includes(id))}>
            <summary>{GROUP_TITLES[group]}</summary>
            <fieldset>
              <legend class="visually-hidden">{GROUP_TITLES[group]}</legend>
              {chips}
            </fieldset>
          </details>
        )
      })}
      {takesOf(tasks, choice).has('text') ? (
        <label class="field">
          Text
          <input
            type="text"
            value={choice.text}
            placeholder={textHint(tasks, choice)}
            onInput={({ currentTarget }) => onChoice({ ...choice, text: currentTarget.value })}
          />
        </label>
      ) : null}
    </div>
  )
}

function Chips({
  entries,
  chosen,
  onToggle,
}: {
  readonly entries: readonly TaskEntry[]
  readonly chosen: readonly string[]
  readonly onToggle: (id: string) => void
}) {
  return (
    <div class="chips">
      {entries.map(({ id, title, token }) => (
        <label key={id} class="chip" title={token}>
          <input
            type="checkbox"
            name="task"
            value={id}
            checked={chosen.includes(id)}
            onChange={() => onToggle(id)}
          />
          <span>{title}</span>
        </label>
      ))}
    </div>
  )
}

/** What the server takes instead of an empty text, where it takes one. */
function textHint({ tasks }: TaskList, choice: Choice): string {
  const asking = tasks.filter(({ id, takes }) => takes === 'text' && choice.tasks.includes(id))
  const [first] = asking
  return asking.length === 1 && first?.default_input ? first.default_input : 'a red car'
}
