// All pictures of this visit, to go from one to the other, and the way to add more.
import type { Picture } from '../session/session.ts'
import { PictureInput } from './picture-input.tsx'
import { Toolbar } from './toolbar.tsx'

export interface PictureStripProps {
  readonly pictures: readonly Picture[]
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
  const { pictures, selected, onSelect, onRemove, onFiles } = props
  return (
    <div class="strip">
      <Toolbar label="Your pictures">
        <ul>
          {pictures.map(({ id, name, url, progress }) => (
            <li key={id} data-state={progress.kind}>
              <button
                type="button"
                class="thumbnail"
                aria-current={id === selected}
                aria-label={`${name}, ${STATES[progress.kind]}`}
                onClick={() => onSelect(id)}
              >
                <img
                  src={url}
                  alt=""
                  // The name of the button says which picture it is; a broken one says nothing.
                  onError={({ currentTarget }) => currentTarget.classList.add('unseen')}
                />
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
          ))}
        </ul>
      </Toolbar>
      <PictureInput label="Add" onFiles={onFiles} />
    </div>
  )
}
