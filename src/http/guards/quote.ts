// What a stranger has written, in a message of ours.

const MAX_CHARACTERS = 100

/** In quotes, without control characters, and no longer than a line. */
export function quoteForeign(text: string): string {
  const printable = text.replaceAll(/[^ -~]|'/g, '?')
  return printable.length <= MAX_CHARACTERS
    ? `'${printable}'`
    : `'${printable.slice(0, MAX_CHARACTERS)}...'`
}
