// Into the clipboard, also where the page came over plain HTTP from another machine: there browsers
// have no clipboard API, only the old command.

/** @returns whether it worked. */
export async function copyText(text: string): Promise<boolean> {
  // Absent outside of secure contexts, whatever the type says.
  const clipboard: Clipboard | undefined = navigator.clipboard
  if (clipboard !== undefined) {
    try {
      await clipboard.writeText(text)
      return true
    } catch {
      // Without permission the old way may still work.
    }
  }
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'visually-hidden'
  const focused = document.activeElement
  document.body.append(area)
  area.select()
  // oxlint-disable-next-line typescript/no-deprecated -- there is nothing else over plain HTTP
  const worked = document.execCommand('copy')
  area.remove()
  if (focused instanceof HTMLElement) focused.focus()
  return worked
}
