// What a run of acceptance comes to, in a sentence for the person who reads it last.
import type { Row } from './judge.ts'

export type Summary = Readonly<Record<Row['verdict']['kind'], number>>

export function summarise(rows: readonly Row[]): Summary {
  const count = (kind: Row['verdict']['kind']): number =>
    rows.filter(({ verdict }) => verdict.kind === kind).length
  return {
    same: count('same'),
    near: count('near'),
    differs: count('differs'),
    answered: count('answered'),
    skipped: count('skipped'),
  }
}

/** Whether the run speaks for FloCap: something was compared, and nothing differs. */
export function isAccepted({ same, near, differs }: Summary): boolean {
  return differs === 0 && same + near > 0
}

/** Several lines: the counts, what they mean, and what is left to do. */
export function renderConclusion(summary: Summary): string {
  const { same, near, differs, answered, skipped } = summary
  const counts = Object.entries(summary).map(([kind, n]) => `${n} ${kind}`)
  const lines = [counts.join(', ')]
  if (isAccepted(summary)) {
    lines.push(`Accepted: all ${same + near} comparisons agree with what was published.`)
  } else if (differs > 0) {
    lines.push(`Not accepted: look at the ${differs} that begin with 'differs'.`)
  } else lines.push('Not accepted: nothing could be compared.')
  if (answered > 0) {
    lines.push(`Read the ${answered} that begin with 'answered': nothing was published of them.`)
  }
  if (skipped > 0) lines.push(`${skipped} had no picture: --images names the folder.`)
  lines.push('docs/guide/acceptance.md says what each word means.')
  return lines.join('\n')
}
