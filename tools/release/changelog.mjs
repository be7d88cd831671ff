// CHANGELOG.md as a release needs it: what is unreleased becomes a version's section, and that section
// the text of the release's page.

const UNRELEASED = '## Unreleased'

/**
 * @param date the day of the release, as 2026-11-29
 * @returns the text with everything that was unreleased below a heading of `version`
 * @throws Error when there is nothing to release, or the version has a section already
 */
export function cutChangelog(text, version, date) {
  if (sectionOf(text, UNRELEASED) === '') {
    throw new Error(`Expected changes below '${UNRELEASED}' in CHANGELOG.md, found none.`)
  }
  if (headingOf(text, version) !== undefined) {
    throw new Error(`CHANGELOG.md has a section for ${version} already.`)
  }
  return text.replace(`${UNRELEASED}\n`, `${UNRELEASED}\n\n## ${version} (${date})\n`)
}

/** @returns what a version brings, as Markdown @throws Error when CHANGELOG.md does not say it */
export function notesOf(text, version) {
  const heading = headingOf(text, version)
  const notes = heading === undefined ? '' : sectionOf(text, heading)
  if (notes === '') {
    throw new Error(
      `Expected a section '## ${version} (date)' in CHANGELOG.md, found none. \`npm run release:cut -- ${version}\` writes it.`,
    )
  }
  return `${notes}\n`
}

function headingOf(text, version) {
  return text.split('\n').find((line) => line.startsWith(`## ${version} (`))
}

/** What stands between a heading and the next one of its kind. */
function sectionOf(text, heading) {
  const lines = text.split('\n')
  const start = lines.indexOf(heading)
  if (start === -1) return ''
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith('## '))
  return lines
    .slice(start + 1, length === -1 ? undefined : start + 1 + length)
    .join('\n')
    .trim()
}
