// Brings what was asked to where eye and focus are.
import type { RefObject } from 'preact'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Picture } from '../session/session.ts'
import { bringToEye } from './bring-to-eye.ts'

export interface Attention {
  /** For what shows the picture with its answers. */
  readonly look: RefObject<HTMLElement>
  /** For the answers in it, which can take the focus. */
  readonly answers: RefObject<HTMLElement>
  /** Something was asked. */
  readonly attend: () => void
  /** What had the focus is about to go: it goes to the picture that comes, or to choosing one. */
  readonly refocus: () => void
}

export function useAttention(picture: Picture | undefined): Attention {
  const look = useRef<HTMLElement>(null)
  const answers = useRef<HTMLElement>(null)
  const [times, setTimes] = useState(0)
  useEffect(() => {
    if (times > 0) answers.current?.focus({ preventScroll: true })
  }, [times])
  useEffect(() => {
    const place = answers.current
    // People who have gone elsewhere meanwhile are left there.
    if (times === 0 || look.current === null || place === null) return
    if (place.contains(document.activeElement)) bringToEye(look.current, place)
  }, [times, picture?.progress.kind, picture?.size])
  return {
    look,
    answers,
    attend: useCallback(() => setTimes((before) => before + 1), []),
    refocus: useCallback(() => {
      requestAnimationFrame(() => {
        look.current
          ?.querySelector<HTMLElement>('.thumbnail[aria-current=true], input[type=file]')
          ?.focus()
      })
    }, []),
  }
}
