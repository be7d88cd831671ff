// All pictures of this visit, to go from one to the other, and the way to add more.
import type { Picture } from '../session/session.ts'
import { PictureInput } from './picture-input.tsx'
import { Toolbar } from './toolbar.tsx'
import type { Previews } from './use-previews.ts'

export interface PictureStripProps {
  readonly pictures: readonly Picture[]
  readonly previews: Previews
  readonly selected: number | undefined
  readonly onSelect: (id: number) => void
  readonly onRemove: (id: number) => void
  readonly onFiles: (files: readonly File[]) => void
}

const STATES: Readonly<Record<Picture['progress']['kind'], string>> = {
  idle: 'not asked yet',
  waiting: 'waiting',
  asking: 'being answered',
  answered: 'answered',
  failed: 'failed',
}

export function PictureStrip(props: PictureStripProps) {
  const { pictures, previews, selected, onSelect, onRemove, onFiles } = props
  return (
    <div class="strip">
      <Toolbar label="Your pictures">
        <ul>
          {pictures.map((each) => {
            const { id, name, progress } = each
            const url = previews.urlOf(each)
            return (
              <li key={id} data-state={progress.kind}>
                <button
                  type="button"
                  class="thumbnail"
                  aria-current={id === selected}
                  aria-label={`${name}, ${STATES[progress.kind]}`}
                  onClick={() => onSelect(id)}
                >
                  {/* The name of the button says which picture it is; a broken one says nothing. */}
                  {url === undefined ? null : (
                    <img src={url} alt="" onError={() => previews.onFault(each)} />
                  )}
                </button>
                {id === selected ? (
                  <button
                    type="button"
                    class="remove"
                    aria-label={`Remove ${name}`}
                    onClick={() => onRemove(id)}
                  >
                    ×
                  </button>
                ) : null}
              </li>
            )
          })}
        </ul>
      </Toolbar>
      <PictureInput label="Add" onFiles={onFiles} />
    </div>
  )
}
