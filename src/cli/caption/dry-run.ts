// `--dry-run`: what a run would do, in words, without a model and without writing anything.
import { toPrintable } from '../../base/printable.ts'
import { applyTextRules } from '../../caption/rules/text-rules.ts'
import type { PictureFile } from '../../folders/inputs/picture-file.ts'
import type { PreparedRun } from './prepare-run.ts'

/** Begins as Florence-2's captions do. */
const EXAMPLE = 'The image shows a man in a red coat on a bench. A dog sits beside him.'
/** Pictures that are named. */
const SHOWN = 10

export function describeDryRun(
  pictures: readonly PictureFile[],
  { questions, formats, rules, mode }: PreparedRun,
): readonly string[] {
  const tasks = questions.map(({ name }) => name).join(', ')
  const written =
    formats.length === 0 ? 'printed only' : `${formats.map(({ id }) => id).join(', ')} (${mode})`
  return [
    `${pictures.length === 1 ? '1 picture' : `${pictures.length} pictures`}, tasks: ${tasks}, ${written}`,
    ...pictures.slice(0, SHOWN).flatMap((picture) => describePicture(picture, formats)),
    ...(pictures.length > SHOWN ? [`  and ${pictures.length - SHOWN} more`] : []),
    ...(rules.length === 0 ? [] : ['Text rules, in this order:', ...describeRules(rules)]),
  ]
}

function describePicture(picture: PictureFile, formats: PreparedRun['formats']): readonly string[] {
  const files = formats.flatMap((format) =>
    format.kind === 'beside' ? [format.fileOf(picture)] : [],
  )
  return [`  ${toPrintable([picture.label, ...files].join(' -> '))}`]
}

function describeRules(rules: PreparedRun['rules']): readonly string[] {
  let text = EXAMPLE
  return [
    `     ${EXAMPLE}`,
    ...rules.flatMap((rule, index) => {
      text = applyTextRules([rule], text)
      return [`  ${index + 1}. ${toPrintable(rule.name)}`, `     ${toPrintable(text)}`]
    }),
  ]
}
