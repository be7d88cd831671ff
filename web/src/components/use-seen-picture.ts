// What the browser shows of a picture: the file itself or, where it cannot (TIFF, and in most browsers
// HEIC and JPEG XL), the drawing that FloCap makes of it.
import { useEffect, useState } from 'preact/hooks'
import type { Server } from '../server/server.ts'
import type { Picture } from '../session/session.ts'

export interface SeenPicture {
  /** Undefined while there is nothing to show. */
  readonly url: string | undefined
  /** Neither browser nor FloCap can show it, or FloCap has yet to. */
  readonly isUnseen: boolean
  readonly onFault: () => void
}

/** Of one picture: a component that uses it is made anew for another. */
export function useSeenPicture(server: Server, picture: Picture): SeenPicture {
  const [isFault, setFault] = useState(false)
  const [drawn, setDrawn] = useState<string>()
  const { answers, url } = picture
  // Not before it has been answered: the drawing asks the same question, which is then cached.
  const [given] = answers
  const isWanted = isFault && drawn === undefined && given !== undefined
  useEffect(() => {
    if (!isWanted) return undefined
    let stopped = false
    const draw = async (): Promise<void> => {
      try {
        const drawing = await server.draw(picture, given.question, given.settings)
        if (!stopped) setDrawn(URL.createObjectURL(drawing))
      } catch {
        // The sentence in its place stays.
      }
    }
    void draw()
    return () => {
      stopped = true
    }
  }, [isWanted])
  useEffect(
    () => () => {
      if (drawn !== undefined) URL.revokeObjectURL(drawn)
    },
    [drawn],
  )
  return {
    url: isFault ? drawn : url,
    isUnseen: isFault && drawn === undefined,
    onFault: () => (drawn === undefined ? setFault(true) : setDrawn(undefined)),
  }
}
