// The button that opens the file dialog.

import { ACCEPTED_FILES } from '../session/picture-files.ts'

export interface PictureInputProps {
  readonly label: string
  readonly onFiles: (files: readonly File[]) => void
}

export function PictureInput({ label, onFiles }: PictureInputProps) {
  return (
    <label class="button file-button">
      {label}
      <input
        type="file"
        class="visually-hidden"
        accept={ACCEPTED_FILES}
        multiple
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])])
          // The same file can be chosen again.
          currentTarget.value = ''
        }}
      />
    </label>
  )
}
