// A picture's preview as an address for `<img>`; undefined until it is there.
import { useEffect, useState } from 'preact/hooks'
import { toProblem } from '../../server/problem.ts'
import type { ReviewedPicture, ReviewServer } from '../../server/review-server.ts'

export interface Preview {
  readonly url?: string
  /** Why there is none. */
  readonly fault?: string
}

/** While the list is scrolled past, nothing is asked for. */
const PAUSE_MS = 80

export function usePreview(
  server: ReviewServer,
  picture: ReviewedPicture,
  size: 'small' | 'large',
): Preview {
  const [preview, setPreview] = useState<Preview>({})
  useEffect(() => {
    const gone = new AbortController()
    let made: string | undefined
    setPreview({})
    const load = async (): Promise<void> => {
      try {
        const url = await server.preview(picture, size, gone.signal)
        made = url
        if (gone.signal.aborted) URL.revokeObjectURL(url)
        else setPreview({ url })
      } catch (error) {
        if (!gone.signal.aborted) setPreview({ fault: toProblem(error).message })
      }
    }
    const timer = setTimeout(() => {
      void load()
    }, PAUSE_MS)
    return () => {
      gone.abort()
      clearTimeout(timer)
      if (made !== undefined) URL.revokeObjectURL(made)
    }
  }, [server, picture.name, picture.stamp, size])
  return preview
}
