// Text that came from elsewhere, within XML or HTML.

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** What an XML document may not contain in any form: most control characters, lone surrogates. */
// oxlint-disable-next-line no-control-regex -- finding control characters is its purpose
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu

/** As content of an element or of a quoted attribute. */
export function escapeMarkup(text: string): string {
  return text
    .replaceAll(NOT_XML, '')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
