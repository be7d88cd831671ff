// What stands in for pictures that the browser cannot show (TIFF, and in most browsers HEIC and JPEG XL):
// FloCap's own view of them. They are drawn without asking the model anything again.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Server } from '../server/server.ts'
import type { Picture } from '../session/session.ts'

export interface Previews {
  /** What to show of a picture; undefined while there is nothing. */
  readonly urlOf: (picture: Picture) => string | undefined
  /** Whether that is the file itself. */
  readonly isFile: (picture: Picture) => boolean
  /** The browser could not show what `urlOf` gave. */
  readonly onFault: (picture: Picture) => void
}

const NOTHING_FOUND = { kind: 'boxes', boxes: [] } as const

export function usePreviews(server: Server, pictures: readonly Picture[]): Previews {
  const [faulty, setFaulty] = useState<ReadonlySet<number>>(new Set())
  const [drawn, setDrawn] = useState<ReadonlyMap<number, string>>(new Map())
  const asked = useRef(new Set<number>())

  useEffect(() => {
    for (const picture of pictures) {
      const { id, size, answers } = picture
      // The size, which the server wants to hear, comes with the first answer.
      if (!faulty.has(id) || size === undefined || answers.length === 0) continue
      if (asked.current.has(id)) continue
      asked.current.add(id)
      const draw = async (): Promise<void> => {
        try {
          const preview = await server.draw(picture, size, [NOTHING_FOUND], 'preview')
          setDrawn((before) => new Map(before).set(id, URL.createObjectURL(preview)))
        } catch {
          // The sentence in its place stays.
        }
      }
      void draw()
    }
  }, [server, pictures, faulty])

  useEffect(() => {
    const there = new Set(pictures.map(({ id }) => id))
    const gone = [...drawn].filter(([id]) => !there.has(id))
    if (gone.length === 0) return
    for (const [, url] of gone) URL.revokeObjectURL(url)
    setDrawn((before) => new Map([...before].filter(([id]) => there.has(id))))
  }, [pictures, drawn])

  return {
    urlOf: ({ id, url }) => (faulty.has(id) ? drawn.get(id) : url),
    isFile: ({ id }) => !faulty.has(id),
    onFault: useCallback(({ id }: Picture) => {
      setFaulty((before) => new Set(before).add(id))
      setDrawn((before) => new Map([...before].filter(([other]) => other !== id)))
    }, []),
  }
}
