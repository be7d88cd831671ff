// What has become of a picture, in a sentence for people who do not see it appear.
import type { Picture } from './session.ts'

/** Empty where something else says it: problems are alerts. */
export function announce(picture: Picture | undefined): string {
  if (picture === undefined) return ''
  const { answers, name, progress } = picture
  switch (progress.kind) {
    case 'waiting':
      return `${name} waits for its turn.`
    case 'asking':
      return `FloCap is looking at ${name}.`
    case 'answered':
      // Those of the last request come first.
      return answers
        .slice(0, progress.questions.length)
        .map(({ answer }) => answer.text || 'Nothing was found.')
        .join('\n')
    case 'idle':
    case 'failed':
      return ''
  }
}
