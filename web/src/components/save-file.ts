// Hands a file to the browser, which saves it where it saves all.

export function saveFile(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  // The click has been handled when the next task runs.
  setTimeout(() => URL.revokeObjectURL(link.href), 0)
}
