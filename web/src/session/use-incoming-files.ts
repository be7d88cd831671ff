// What is dropped anywhere on the page or pasted into it. A browser would open a dropped file or link in
// place of the page, and everything on it would be lost: so every drop is taken.
import { useLayoutEffect, useState } from 'preact/hooks'

/**
 * @param onFiles gets no files when a link or a text was dropped.
 * @returns whether something is being dragged over the page.
 */
export function useIncomingFiles(onFiles: (files: readonly File[]) => void): boolean {
  const [isOver, setOver] = useState(false)
  // Before the page is painted: what it invites to do works at once.
  useLayoutEffect(() => {
    const listeners = new AbortController()
    const { signal } = listeners
    // Text may be dragged into a field, as everywhere.
    const isForField = ({ target, dataTransfer }: DragEvent): boolean =>
      target instanceof HTMLInputElement &&
      target.type !== 'file' &&
      dataTransfer?.types.includes('Files') === false
    const over = (event: DragEvent): void => {
      if (isForField(event)) return
      event.preventDefault()
      setOver(true)
    }
    addEventListener('dragenter', over, { signal })
    addEventListener('dragover', over, { signal })
    addEventListener(
      'dragleave',
      // Without a place it goes to, it has left the window.
      ({ relatedTarget }) => setOver((before) => before && relatedTarget !== null),
      { signal },
    )
    addEventListener(
      'drop',
      (event) => {
        setOver(false)
        if (isForField(event)) return
        event.preventDefault()
        onFiles([...(event.dataTransfer?.files ?? [])])
      },
      { signal },
    )
    addEventListener(
      'paste',
      ({ clipboardData }) => {
        const files = [...(clipboardData?.files ?? [])]
        if (files.length > 0) onFiles(files)
      },
      { signal },
    )
    return () => listeners.abort()
  }, [onFiles])
  return isOver
}
