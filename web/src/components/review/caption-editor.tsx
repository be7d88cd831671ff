// The picture that is looked at, large, and its caption, which is saved when it is left.
import type { ComponentChildren, RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Change, ReviewedPicture, ReviewServer } from '../../server/review-server.ts'
import type { Conflict } from '../../session/review/use-review.ts'
import { Marks } from './picture-list.tsx'
import { usePreview } from './use-preview.ts'

export interface CaptionEditorProps {
  readonly server: ReviewServer
  readonly picture: ReviewedPicture
  readonly field: RefObject<HTMLTextAreaElement>
  readonly conflict: Conflict | undefined
  readonly onSave: (change: Change) => void
  readonly onKeepMine: (conflict: Conflict) => void
  readonly onTakeTheirs: () => void
  readonly onStep: (step: 1 | -1) => void
  readonly onLeave: () => void
  readonly onLock: () => void
  readonly onDelete: () => void
  /** What captions it again. */
  readonly again: ComponentChildren
}

export function CaptionEditor(props: CaptionEditorProps) {
  const { server, picture, field, conflict, onSave, onStep, onLeave } = props
  const { name, caption, file, readOnly, failure } = picture
  const locked = picture.lock === 'locked'
  const preview = usePreview(server, picture, 'large')
  /** Of which picture it is, so that no text is ever taken for that of the next one. */
  const [typed, setTyped] = useState<{ readonly name: string; readonly text: string }>()
  const draft = typed?.name === name ? typed.text : (caption ?? '')
  useEffect(() => {
    // What is being typed while an earlier save comes back stays.
    if (document.activeElement !== field.current) setTyped(undefined)
  }, [name, caption, field])
  const save = (): void => {
    const after = draft.trim() === '' ? null : draft.trim()
    if (after !== caption) onSave({ name, before: caption, after })
  }
  useEffect(() => {
    window.addEventListener('pagehide', save)
    return () => window.removeEventListener('pagehide', save)
  })
  return (
    <section class="editor" aria-label="Caption">
      <figure class="looked-at">
        {preview.url === undefined ? (
          <p class="hint">{preview.fault ?? 'Loading the picture…'}</p>
        ) : (
          <img src={preview.url} alt={caption ?? name} />
        )}
      </figure>
      <h2>
        {name} <Marks picture={picture} />
      </h2>
      {failure === null ? null : <p class="field-fault">It could not be captioned: {failure}</p>}
      {readOnly === null ? null : <p class="hint">{readOnly}</p>}
      {conflict?.name === name ? <ConflictNotice {...props} conflict={conflict} /> : null}
      <label class="field">
        Caption, in {file}
        <textarea
          ref={field}
          rows={4}
          value={draft}
          readOnly={readOnly !== null}
          onInput={({ currentTarget }) => setTyped({ name, text: currentTarget.value })}
          onBlur={save}
          onKeyDown={(event) => {
            if (event.key === 'Escape') onLeave()
            else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              save()
              onStep(event.shiftKey ? -1 : 1)
            } else return
            event.preventDefault()
          }}
        />
      </label>
      <div class="editor-actions">
        <button type="button" onClick={() => onStep(-1)}>
          Previous
        </button>
        <button type="button" class="primary" onClick={() => onStep(1)}>
          Next
        </button>
        <button type="button" aria-pressed={locked} onClick={props.onLock}>
          {locked ? 'Unlock' : 'Lock'}
        </button>
        <button
          type="button"
          disabled={caption === null || readOnly !== null}
          onClick={props.onDelete}
        >
          Delete caption
        </button>
      </div>
      {props.again}
    </section>
  )
}

interface ConflictProps extends Pick<CaptionEditorProps, 'onKeepMine' | 'onTakeTheirs'> {
  readonly conflict: Conflict
}

function ConflictNotice({ conflict, onKeepMine, onTakeTheirs }: ConflictProps) {
  return (
    <div class="notice fault" role="alert">
      <p>
        <strong>This caption was changed meanwhile.</strong> Nothing was overwritten.
      </p>
      <dl>
        <dt>On disk</dt>
        <dd>{conflict.theirs ?? 'no caption'}</dd>
        <dt>Yours</dt>
        <dd>{conflict.mine ?? 'no caption'}</dd>
      </dl>
      <p class="notice-action">
        <button type="button" onClick={() => onKeepMine(conflict)}>
          Save mine
        </button>
        <button type="button" onClick={onTakeTheirs}>
          Keep what is on disk
        </button>
      </p>
    </div>
  )
}
