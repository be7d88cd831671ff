// One answer: its text or what it found, and what can be done with it.
import { useState } from 'preact/hooks'
import { answerJson, measureAnswer } from '../session/answers.ts'
import { textOf } from '../session/given-answers.ts'
import type { Layer } from '../session/layers.ts'
import type { GivenAnswer } from '../session/session.ts'
import type { AnswersProps } from './answers.tsx'
import { CaptionField } from './caption-field.tsx'
import { CopyButton } from './copy-button.tsx'
import { DrawingButton } from './drawing-button.tsx'
import { Findings } from './findings.tsx'
import { LinkedText } from './linked-text.tsx'
import { Toolbar } from './toolbar.tsx'

export interface AnswerProps extends Pick<
  AnswersProps,
  'server' | 'picture' | 'pointed' | 'onPoint' | 'onShow'
> {
  readonly given: GivenAnswer
  readonly title: string
  /** Present where something was found. */
  readonly layer: Layer | undefined
  /** What was found for phrases of the text. */
  readonly words: Layer | undefined
  /** Whether the layer lies over the picture. */
  readonly isShown: boolean
  /** Asks where on the picture the things are that the text names; undefined for other texts. */
  readonly onLocate: (() => void) | undefined
  readonly onEdit: (text: string | undefined) => void
  readonly onDrop: () => void
}

export function Answer(props: AnswerProps) {
  const { given, title, layer, words, isShown, pointed } = props
  const { onShow, onPoint, onLocate, onEdit, onDrop } = props
  const [isEditing, setEditing] = useState(false)
  const isText = given.answer.data.kind === 'text'
  const text = textOf(given)
  return (
    <article class="answer">
      <header>
        <h3>{title}</h3>
        <p class="measure">{measureAnswer(given)}</p>
      </header>
      {layer !== undefined ? (
        <Findings {...props} layer={layer} />
      ) : isEditing ? (
        <CaptionField
          label={title}
          text={text}
          isEdited={given.edited !== undefined}
          hasFocus
          onText={onEdit}
        />
      ) : (
        <LinkedText text={text} layer={words} pointed={pointed} onPoint={onPoint} />
      )}
      <Toolbar label={`For ${title}`}>
        <CopyButton text={text} what={`of ${title}`}>
          Copy text
        </CopyButton>
        <CopyButton text={answerJson(given)} what={`of ${title}`}>
          Copy JSON
        </CopyButton>
        {isText ? (
          <button type="button" class="quiet" onClick={() => setEditing(!isEditing)}>
            {isEditing ? 'Done' : 'Edit'}
            <span class="visually-hidden"> the text of {title}</span>
          </button>
        ) : null}
        {onLocate === undefined || words !== undefined ? null : (
          <button type="button" class="quiet" onClick={onLocate}>
            Find its words<span class="visually-hidden"> on the picture: {title}</span>
          </button>
        )}
        {layer === undefined ? null : (
          <>
            <DrawingButton {...props} layer={layer} />
            <button
              type="button"
              class="quiet"
              aria-pressed={isShown}
              onClick={() => onShow(layer.key, !isShown)}
            >
              On the picture<span class="visually-hidden"> for {title}</span>
            </button>
          </>
        )}
        <button type="button" class="quiet" onClick={onDrop}>
          Remove<span class="visually-hidden"> the answer {title}</span>
        </button>
      </Toolbar>
    </article>
  )
}
