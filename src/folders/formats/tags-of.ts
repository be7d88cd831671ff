// Keywords of a picture: the tags that a fine-tune wrote, and the names of what was found.
import { distinctTags } from '../../caption/rules/tags.ts'
import { toFindings } from '../../caption/findings.ts'
import type { Answer } from '../ask/answer-questions.ts'

const TAGS_TASK = 'generate_tags'

export function tagsOf(answers: readonly Answer[]): readonly string[] {
  return distinctTags(
    answers.flatMap(({ task, said, data }) => {
      if (task === TAGS_TASK) return said?.split(',') ?? []
      return data.kind === 'quads' ? [] : toFindings(data).map(({ label }) => label)
    }),
  )
}
