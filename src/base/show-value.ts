// How errors repeat a wrong value: as JSON where it is short, otherwise by its kind and size. What is
// long may be a picture or a whole prompt, and has no place in a sentence or a log.

const MOST_CHARACTERS = 60

/** What follows the word 'got': `99`, `"red"`, `a list of 300`, `nothing`. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  // JSON has no word for NaN and infinities.
  if (typeof value === 'number') return String(value)
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'string' && value.length > MOST_CHARACTERS) {
    return `a text of ${value.length} characters`
  }
  if (Array.isArray(value) && value.length > MOST_CHARACTERS) return `a list of ${value.length}`
  const shown = JSON.stringify(value) ?? typeof value
  if (shown.length <= MOST_CHARACTERS) return shown
  if (Array.isArray(value)) return `a list of ${value.length}`
  return typeof value === 'string' ? shown : 'an object'
}
