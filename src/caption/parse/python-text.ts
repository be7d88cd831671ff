// Python's idea of white space, which differs from JavaScript's in a few characters.

/** Characters for which `str.isspace()` is true. */
// oxlint-disable-next-line no-control-regex -- Python counts U+001C to U+001F as white space
const SPACE = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/

/** `str.lstrip()` */
export function stripPythonStart(text: string): string {
  let start = 0
  while (start < text.length && SPACE.test(text.charAt(start))) start += 1
  return text.slice(start)
}

/** `str.strip()` */
export function stripPython(text: string): string {
  let end = text.length
  while (end > 0 && SPACE.test(text.charAt(end - 1))) end -= 1
  return stripPythonStart(text.slice(0, end))
}
