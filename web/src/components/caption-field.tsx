// A text of the model that a person can correct.
import { useEffect, useId, useRef } from 'preact/hooks'

export interface CaptionFieldProps {
  /** What it is, for people who do not see what it stands beside. */
  readonly label: string
  readonly text: string
  /** Whether it is still what the model said. */
  readonly isEdited: boolean
  /** It takes the focus when it appears. */
  readonly hasFocus?: boolean
  /** Undefined for the model's own text again. */
  readonly onText: (text: string | undefined) => void
}

/** Of a field as wide as text is set. */
const CHARACTERS_A_ROW = 80

export function CaptionField(props: CaptionFieldProps) {
  const { label, text, isEdited, hasFocus = false, onText } = props
  const id = useId()
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    if (hasFocus) field.current?.focus()
  }, [hasFocus])
  return (
    <div class="caption-field">
      <label class="visually-hidden" for={id}>
        {label}
      </label>
      <textarea
        ref={field}
        id={id}
        // Where browsers do not let a field grow with its text.
        rows={Math.ceil(text.length / CHARACTERS_A_ROW) || 1}
        value={text}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
      />
      {isEdited ? (
        <p class="hint">
          Edited.
          <button
            type="button"
            class="quiet"
            onClick={() => {
              onText(undefined)
              // The button goes with what it undoes.
              field.current?.focus()
            }}
          >
            Back to the model’s text<span class="visually-hidden"> of {label}</span>
          </button>
        </p>
      ) : null}
    </div>
  )
}
