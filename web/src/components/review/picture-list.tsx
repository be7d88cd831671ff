// The pictures, of which only those in sight exist. The list has the focus, never a row: what is
// scrolled away takes no focus with it.
import { type RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { ReviewedPicture, ReviewServer } from '../../server/review-server.ts'
import { usePreview } from './use-preview.ts'

/** Of a row, as review.css has it. */
const ROW_PX = 76
/** Rows beyond the edges. */
const SPARE = 6

export interface PictureListProps {
  readonly server: ReviewServer
  readonly pictures: readonly ReviewedPicture[]
  readonly current: number
  readonly list: RefObject<HTMLDivElement>
  readonly onChoose: (index: number) => void
  /** Keys that the list does not know. @returns whether it was one. */
  readonly onKey: (event: KeyboardEvent) => boolean
}

export function PictureList(props: PictureListProps) {
  const { server, pictures, current, list, onChoose, onKey } = props
  const [view, setView] = useState({ top: 0, height: 600 })
  useEffect(() => {
    const box = list.current
    if (box === null) return undefined
    const look = (): void => setView({ top: box.scrollTop, height: box.clientHeight })
    const observer = new ResizeObserver(look)
    observer.observe(box)
    return () => observer.disconnect()
  }, [list])
  useEffect(() => {
    const box = list.current
    if (box === null) return
    const top = current * ROW_PX
    if (top < box.scrollTop) box.scrollTop = top
    else if (top + ROW_PX > box.scrollTop + box.clientHeight) {
      box.scrollTop = top + ROW_PX - box.clientHeight
    }
  }, [current, list])
  const first = Math.max(0, Math.floor(view.top / ROW_PX) - SPARE)
  const end = Math.min(pictures.length, Math.ceil((view.top + view.height) / ROW_PX) + SPARE)
  const page = Math.max(1, Math.floor(view.height / ROW_PX) - 1)
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    j: 1,
    ArrowUp: -1,
    k: -1,
    PageDown: page,
    PageUp: -page,
    Home: -Infinity,
    End: Infinity,
  }
  const isInView = current >= first && current < end
  return (
    <div
      class="picture-list"
      role="listbox"
      aria-label="Pictures"
      tabIndex={0}
      ref={list}
      aria-activedescendant={isInView ? `picture-${current}` : undefined}
      onScroll={({ currentTarget }) =>
        setView({ top: currentTarget.scrollTop, height: currentTarget.clientHeight })
      }
      onKeyDown={(event) => {
        const step = event.ctrlKey || event.metaKey || event.altKey ? undefined : steps[event.key]
        if (step !== undefined) {
          onChoose(Math.min(Math.max(current + step, 0), pictures.length - 1))
          event.preventDefault()
        } else if (onKey(event)) event.preventDefault()
      }}
    >
      <div role="presentation" style={{ height: `${pictures.length * ROW_PX}px` }}>
        {pictures.slice(first, end).map((picture, at) => (
          <Row
            key={picture.name}
            server={server}
            picture={picture}
            index={first + at}
            count={pictures.length}
            isCurrent={first + at === current}
            onChoose={onChoose}
          />
        ))}
      </div>
    </div>
  )
}

interface RowProps {
  readonly server: ReviewServer
  readonly picture: ReviewedPicture
  readonly index: number
  readonly count: number
  readonly isCurrent: boolean
  readonly onChoose: (index: number) => void
}

function Row({ server, picture, index, count, isCurrent, onChoose }: RowProps) {
  const { url } = usePreview(server, picture, 'small')
  const { name, caption, failure } = picture
  return (
    // The keyboard reaches rows through the list that has the focus.
    <div
      class="picture-row"
      role="option"
      id={`picture-${index}`}
      aria-selected={isCurrent}
      aria-setsize={count}
      aria-posinset={index + 1}
      style={{ top: `${index * ROW_PX}px` }}
      onClick={() => onChoose(index)}
    >
      <span class="row-picture">{url === undefined ? null : <img src={url} alt="" />}</span>
      <span class="row-text">
        <span class="row-name">
          {name} <Marks picture={picture} />
        </span>
        <span class={caption === null ? 'row-caption missing' : 'row-caption'}>
          {caption ?? failure ?? 'No caption'}
        </span>
      </span>
    </div>
  )
}

export function Marks({ picture }: { readonly picture: ReviewedPicture }) {
  const { lock, edited, confidence } = picture
  return (
    <>
      {lock === 'open' ? null : (
        <span class="mark-tag">
          {lock === 'locked' ? 'locked' : 'not locked: another picture was'}
        </span>
      )}
      {edited ? <span class="mark-tag">edited</span> : null}
      {/* It was of the caption before. */}
      {confidence === null || edited ? null : (
        <span class="sureness">{Math.round(confidence * 100)} % sure</span>
      )}
    </>
  )
}
