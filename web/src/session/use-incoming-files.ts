// Pictures that are dropped anywhere on the page or pasted into it.
import { useLayoutEffect, useState } from 'preact/hooks'

/** @returns whether files are being dragged over the page. */
export function useIncomingFiles(onFiles: (files: readonly File[]) => void): boolean {
  const [isOver, setOver] = useState(false)
  // Before the page is painted: what it invites to do works at once.
  useLayoutEffect(() => {
    const listeners = new AbortController()
    const { signal } = listeners
    const hasFiles = ({ dataTransfer }: DragEvent): boolean =>
      dataTransfer?.types.includes('Files') ?? false
    const over = (event: DragEvent): void => {
      if (!hasFiles(event)) return
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
        if (!hasFiles(event)) return
        event.preventDefault()
        setOver(false)
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
