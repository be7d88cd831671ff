// The button that opens the file dialog.

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
        accept="image/*"
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
