// The picture that is looked at, its neighbours, and what was said about it.
import { useMemo, useState } from 'preact/hooks'
import type { Server } from '../server/server.ts'
import type { TaskEntry } from '../server/wire.ts'
import { isShown, layersOf, type Pointed } from '../session/layers.ts'
import type { Picture } from '../session/session.ts'
import type { Visit } from '../session/use-visit.ts'
import { titleOf } from '../session/answers.ts'
import { GROUNDING, keyOf } from '../session/given-answers.ts'
import { Answers } from './answers.tsx'
import { Legend } from './legend.tsx'
import { PictureStrip } from './picture-strip.tsx'
import { Stage } from './stage.tsx'
import { usePreviews } from './use-previews.ts'
import type { Attention } from './use-attention.ts'

export interface LookProps {
  readonly server: Server
  /** Whether the model is there. */
  readonly isReady: boolean
  /** Of one request; undefined while it is not known. */
  readonly maxBodyBytes: number | undefined
  readonly visit: Visit
  readonly picture: Picture
  readonly tasks: readonly TaskEntry[]
  readonly takesRegion: boolean
  readonly attention: Attention
  readonly onFiles: (files: readonly File[]) => void
}

const NO_CHOICES: ReadonlyMap<string, boolean> = new Map()

export function Look(props: LookProps) {
  const { server, isReady, maxBodyBytes, visit, picture, tasks } = props
  const { takesRegion, attention, onFiles } = props
  const { dispatch, session } = visit
  const { id, answers, size } = picture
  const [pointed, setPointed] = useState<Pointed>()
  // What a person has shown or hidden, by picture and layer.
  const [chosen, setChosen] = useState<ReadonlyMap<number, ReadonlyMap<string, boolean>>>(new Map())
  const switched = chosen.get(id) ?? NO_CHOICES
  const layers = useMemo(() => (size ? layersOf(answers, size) : []), [answers, size])
  const shown = new Set(
    layers.filter(({ key }) => isShown(picture, switched, key)).map(({ key }) => key),
  )
  const visible = layers.filter(({ key }) => shown.has(key))
  const titles = new Map(
    answers.map((given) => [keyOf(given), titleOf(tasks, given.question)] as const),
  )
  const previews = usePreviews({ server, pictures: session.pictures, isReady, maxBodyBytes })
  return (
    <div class="look-desk">
      <div class="look-picture">
        <Stage
          key={id}
          picture={picture}
          previews={previews}
          layers={visible}
          pointed={pointed}
          onPoint={setPointed}
          onSize={(measured) => dispatch({ type: 'sized', id, size: measured })}
          onRegion={takesRegion ? (region) => dispatch({ type: 'marked', id, region }) : undefined}
        />
        <Legend layers={visible} titles={titles} />
        <PictureStrip
          previews={previews}
          pictures={session.pictures}
          selected={session.selected}
          onSelect={(other) => {
            setPointed(undefined)
            dispatch({ type: 'selected', id: other })
          }}
          onRemove={(gone) => {
            visit.remove(gone)
            // The button that was pressed goes with the picture.
            attention.refocus()
          }}
          onFiles={onFiles}
        />
      </div>
      <Answers
        place={attention.answers}
        server={server}
        picture={picture}
        tasks={tasks}
        layers={layers}
        shown={shown}
        onShow={(key, isOn) =>
          setChosen((before) => new Map(before).set(id, new Map(switched).set(key, isOn)))
        }
        pointed={pointed}
        onPoint={setPointed}
        onLocate={(text) => {
          attention.attend()
          const questions = [{ task: GROUNDING, input: text }]
          dispatch({ type: 'asked', id, questions, settings: {} })
        }}
        onEdit={(index, text) => dispatch({ type: 'edited', id, index, text })}
        onDrop={(index) => {
          dispatch({ type: 'dropped', id, index })
          attention.answers.current?.focus({ preventScroll: true })
        }}
        onRetry={(asked) => {
          attention.attend()
          dispatch({ type: 'asked', id, questions: asked.questions, settings: asked.settings })
        }}
      />
    </div>
  )
}
