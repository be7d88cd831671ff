// Copies a text and says that it did.
import { useEffect, useState } from 'preact/hooks'
import { copyText } from './copy-text.ts'

/** Long enough to be read, short enough to be pressed again. */
const SAID_MS = 2000

export interface CopyButtonProps {
  readonly text: string
  /** What stands on the button. */
  readonly children: string
  /** What is copied, for who cannot see where the button stands. */
  readonly what?: string
}

export function CopyButton({ text, children, what }: CopyButtonProps) {
  const [said, setSaid] = useState<string>()
  useEffect(() => {
    if (said === undefined) return undefined
    const timer = setTimeout(() => setSaid(undefined), SAID_MS)
    return () => clearTimeout(timer)
  }, [said])
  const copy = async (): Promise<void> => {
    setSaid((await copyText(text)) ? 'Copied' : 'Select and copy it by hand')
  }
  return (
    <button type="button" class="quiet" onClick={() => void copy()}>
      <span aria-live="polite">{said ?? children}</span>
      {what === undefined ? null : <span class="visually-hidden"> {what}</span>}
    </button>
  )
}
