// What stands in for pictures that the browser cannot show (TIFF, and in most browsers HEIC and JPEG XL):
// FloCap's own view of them, made as soon as they are there. The model is asked nothing for it.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Server } from '../server/server.ts'
import { assertFits } from '../session/request-size.ts'
import type { Picture } from '../session/session.ts'

export interface Previews {
  /** What to show of a picture; undefined while there is nothing. */
  readonly urlOf: (picture: Picture) => string | undefined
  /** Whether that is the file itself. */
  readonly isFile: (picture: Picture) => boolean
  /** Whether FloCap's view of it is on its way. */
  readonly isComing: (picture: Picture) => boolean
  /** The browser could not show what `urlOf` gave. */
  readonly onFault: (picture: Picture) => void
}

export interface PreviewOptions {
  readonly server: Server
  readonly pictures: readonly Picture[]
  /** False while the model is loaded: the engine that draws comes with it. */
  readonly isReady: boolean
  /** Of one request; undefined while it is not known. */
  readonly maxBodyBytes: number | undefined
}

export function usePreviews({ server, pictures, isReady, maxBodyBytes }: PreviewOptions): Previews {
  const [faulty, setFaulty] = useState<ReadonlySet<number>>(new Set())
  const [drawn, setDrawn] = useState<ReadonlyMap<number, string>>(new Map())
  const [failed, setFailed] = useState<ReadonlySet<number>>(new Set())
  const asked = useRef(new Set<string>())
  const done = useRef(new Set<number>())
  // One at a time: a whole folder may have been dropped.
  const drawing = useRef(Promise.resolve())
  const present = useRef(new Set<number>())
  present.current = new Set(pictures.map(({ id }) => id))

  useEffect(() => {
    if (!isReady) return
    const draw = async (picture: Picture): Promise<void> => {
      if (!present.current.has(picture.id) || done.current.has(picture.id)) return
      try {
        assertFits(picture.file, maxBodyBytes)
        const url = URL.createObjectURL(await server.preview(picture))
        done.current.add(picture.id)
        setDrawn((before) => new Map(before).set(picture.id, url))
      } catch {
        // A sentence stands in its place; what is wrong with the picture is said when it is asked about.
        setFailed((before) => new Set(before).add(picture.id))
      }
    }
    for (const picture of pictures) {
      // Once when it comes and, where that failed, once more when the server has answered about it.
      const turn = `${picture.id} ${picture.answers.length > 0}`
      if (!faulty.has(picture.id) || asked.current.has(turn)) continue
      asked.current.add(turn)
      drawing.current = drawing.current.then(async () => draw(picture))
    }
  }, [server, pictures, faulty, isReady, maxBodyBytes])

  useEffect(() => {
    const gone = [...drawn].filter(([id]) => !present.current.has(id))
    if (gone.length === 0) return
    for (const [, url] of gone) URL.revokeObjectURL(url)
    setDrawn((before) => new Map([...before].filter(([id]) => present.current.has(id))))
  }, [pictures, drawn])

  return {
    urlOf: ({ id, url }) => (faulty.has(id) ? drawn.get(id) : url),
    isFile: ({ id }) => !faulty.has(id),
    isComing: ({ id }) => faulty.has(id) && !drawn.has(id) && !failed.has(id),
    onFault: useCallback(({ id }: Picture) => {
      setFaulty((before) => new Set(before).add(id))
      setDrawn((before) => new Map([...before].filter(([other]) => other !== id)))
    }, []),
  }
}
