// Chooses what is asked: any tasks of the server's table, with their text.
import type { TaskEntry, TaskList } from '../server/wire.ts'
import { type Choice, GROUP_TITLES, groupTasks, takesOf } from '../session/questions.ts'
import { taskHelp } from '../session/task-help.ts'
import { type RovingFocus, useRovingFocus } from './use-roving-focus.ts'

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
  const groups = groupTasks(tasks)
  // In the order of the chips. What lies folded away is a stop by itself, once it is opened.
  const inOrder = groups.flatMap(({ group, tasks: entries }) =>
    isFolded(group) ? [] : entries.map(({ id }) => id),
  )
  const roving = useRovingFocus(inOrder.length)
  const folded = useRovingFocus(tasks.tasks.length - inOrder.length)
  return (
    <div class="tasks" onKeyDown={roving.onKeyDown}>
      {groups.map(({ group, tasks: entries }) => {
        const chips = (
          <Chips
            entries={entries}
            chosen={choice.tasks}
            onToggle={toggle}
            itemOf={(id, index) =>
              isFolded(group) ? folded.itemAt(index) : roving.itemAt(inOrder.indexOf(id))
            }
          />
        )
        if (!isFolded(group)) {
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
      <ChosenHelp chosen={tasks.tasks.filter(({ id }) => choice.tasks.includes(id))} />
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

/** Of each chosen task what it does; the others say it when the pointer rests on them. */
function ChosenHelp({ chosen }: { readonly chosen: readonly TaskEntry[] }) {
  const helps = chosen.flatMap(({ id, title }) => {
    const help = taskHelp(id)
    return help === undefined ? [] : { title, ...help }
  })
  return helps.length === 0 ? null : (
    <dl class="task-help" aria-label="What the chosen tasks do">
      {helps.map(({ title, does, example }) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{does}</dd>
          <dd class="example">
            <span>Example:</span> {example}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function tipOf({ id, token }: TaskEntry): string {
  const { does, example } = taskHelp(id) ?? {}
  return [does, example, token].filter(Boolean).join('\n')
}

function isFolded(group: TaskEntry['group']): boolean {
  return group === 'fine_tune'
}

function Chips({
  entries,
  chosen,
  onToggle,
  itemOf,
}: {
  readonly entries: readonly TaskEntry[]
  readonly chosen: readonly string[]
  readonly onToggle: (id: string) => void
  readonly itemOf: (id: string, index: number) => ReturnType<RovingFocus['itemAt']>
}) {
  return (
    <div class="chips">
      {entries.map((entry, index) => {
        const { id, title } = entry
        return (
          <label key={id} class="chip" title={tipOf(entry)}>
            <input
              type="checkbox"
              name="task"
              value={id}
              checked={chosen.includes(id)}
              onChange={() => onToggle(id)}
              {...itemOf(id, index)}
            />
            <span>{title}</span>
          </label>
        )
      })}
    </div>
  )
}

/** What the server takes instead of an empty text, where it takes one. */
function textHint({ tasks }: TaskList, choice: Choice): string {
  const asking = tasks.filter(({ id, takes }) => takes === 'text' && choice.tasks.includes(id))
  const [first] = asking
  return asking.length === 1 && first?.default_input ? first.default_input : 'a red car'
}
