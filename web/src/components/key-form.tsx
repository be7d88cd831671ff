// Asks for the API key.
import { useEffect, useRef, useState } from 'preact/hooks'

export interface KeyFormProps {
  /** A key was tried and refused. */
  readonly isWrong: boolean
  readonly onKey: (key: string, remember: boolean) => void
}

export function KeyForm({ isWrong, onKey }: KeyFormProps) {
  const [key, setKey] = useState('')
  const [remember, setRemember] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  return (
    <form
      class="notice key-form"
      aria-labelledby="key-title"
      onSubmit={(event) => {
        event.preventDefault()
        if (key.trim() !== '') onKey(key.trim(), remember)
      }}
    >
      <h2 id="key-title">This server asks for an API key</h2>
      <p id="key-help">
        FloCap prints it in the terminal it was started in, unless a key was chosen there.
      </p>
      <label class="field">
        API key
        <input
          ref={input}
          type="password"
          autocomplete="off"
          value={key}
          aria-describedby={isWrong ? 'key-fault key-help' : 'key-help'}
          aria-invalid={isWrong}
          onInput={({ currentTarget }) => setKey(currentTarget.value)}
        />
      </label>
      {isWrong ? (
        <p id="key-fault" class="field-fault" role="alert">
          That key was refused.
        </p>
      ) : null}
      <label class="check">
        <input
          type="checkbox"
          checked={remember}
          onChange={({ currentTarget }) => setRemember(currentTarget.checked)}
        />
        Remember it in this browser; otherwise until this tab is closed
      </label>
      <button type="submit" class="primary">
        Use this key
      </button>
    </form>
  )
}
