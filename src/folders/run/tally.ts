// What a run came to: the numbers of its last line, and the report with every picture that was not
// captioned.
import type { FlocapError } from '../../base/errors.ts'
import type { Failure, LeftOut } from '../inputs/picture-file.ts'
import { isUnsure, type Outcome } from './outcome.ts'
import type { Skip, SkipReason } from './plan.ts'

interface FailedPicture {
  readonly file: string
  readonly code: string
  readonly message: string
  readonly hint?: string
}

export interface Report {
  readonly captioned: number
  /** Of those, how many needed no run: the journal had their answers. */
  readonly known: number
  readonly skipped: readonly { readonly file: string; readonly reason: string }[]
  /** Pictures whose captions a person has locked. */
  readonly locked: readonly string[]
  /** Files of captioned pictures that were left as they are. */
  readonly kept: readonly { readonly file: string; readonly reason: string }[]
  readonly failed: readonly FailedPicture[]
  /** The model said nothing about them, and nothing was written. */
  readonly empty: readonly string[]
  /** Everything that was found in them was below `--min-score`; text files have nothing of them. */
  readonly unsure: readonly string[]
  /** Findings that `--min-score` left out, in pictures that have others or none. */
  readonly belowMinScore: readonly {
    readonly file: string
    readonly task: string
    readonly findings: number
  }[]
  /** Tasks of captioned pictures to which the model's answer was empty. */
  readonly emptyAnswers: readonly { readonly file: string; readonly task: string }[]
  readonly leftOut: readonly {
    readonly file: string
    readonly kind: string
    readonly reason: string
  }[]
  /** Pictures that a stopped run has not come to. */
  readonly remaining: number
}

export interface Tally {
  add(outcome: Outcome): void
  addFailure(failure: Failure): void
  addLeftOut(file: LeftOut): void
  readonly failed: number
  readonly done: number
  report(total: number): Report
}

const REASONS: Readonly<Record<SkipReason, string>> = {
  done: 'is up to date',
  captioned: 'was there before, or answers other questions',
  edited: 'was edited after it was written',
  locked: 'is locked',
}

export function createTally(): Tally {
  let captioned = 0
  let known = 0
  let done = 0
  const skipped: Report['skipped'][number][] = []
  const locked: string[] = []
  const kept: Report['kept'][number][] = []
  const failed: FailedPicture[] = []
  const empty: string[] = []
  const unsure: string[] = []
  const belowMinScore: Report['belowMinScore'][number][] = []
  const emptyAnswers: Report['emptyAnswers'][number][] = []
  const leftOut: Report['leftOut'][number][] = []
  return {
    get failed() {
      return failed.length
    },
    get done() {
      return done
    },
    add(outcome) {
      done += 1
      const { label } = outcome.picture
      belowMinScore.push(...leftOutOf(outcome))
      switch (outcome.kind) {
        case 'captioned':
          captioned += 1
          if (outcome.isKnown) known += 1
          for (const { task, empty: isEmpty } of outcome.captioned.answers) {
            if (isEmpty === true) emptyAnswers.push({ file: label, task })
          }
          for (const { file = label, reason } of outcome.kept) {
            kept.push({ file, reason: REASONS[reason] })
          }
          break
        case 'empty':
          if (isUnsure(outcome)) unsure.push(label)
          else empty.push(label)
          break
        case 'failed':
          failed.push(toFailed(label, outcome.error))
          break
        case 'skipped': {
          if (outcome.skip.reason === 'locked') locked.push(label)
          else skipped.push({ file: label, reason: describeSkip(outcome.skip) })
        }
      }
    },
    addFailure: ({ label, error }) => void failed.push(toFailed(label, error)),
    addLeftOut: ({ label, kind, reason }) => void leftOut.push({ file: label, kind, reason }),
    report: (total) => ({
      captioned,
      known,
      skipped,
      locked,
      kept,
      failed,
      empty,
      unsure,
      belowMinScore,
      emptyAnswers,
      leftOut,
      remaining: total - done,
    }),
  }
}

function toFailed(file: string, { code, message, hint }: FlocapError): FailedPicture {
  return { file, code, message, ...(hint === undefined ? {} : { hint }) }
}

function leftOutOf(outcome: Outcome): Report['belowMinScore'] {
  if (outcome.kind !== 'captioned' && outcome.kind !== 'empty') return []
  return (outcome.captioned?.answers ?? []).flatMap(({ task, belowMinScore }) =>
    belowMinScore === undefined
      ? []
      : [{ file: outcome.picture.label, task, findings: belowMinScore }],
  )
}

/** `photo.txt was edited after it was written`. */
export function describeSkip({ reason, file = 'its caption' }: Skip): string {
  return `${file} ${REASONS[reason]}`
}

/** `captioned 812, skipped 20 (have captions), failed 3, left out 5 (.nef 5)`. */
export function renderTally(report: Report): string {
  const { captioned, skipped, locked, kept, failed, empty, unsure, belowMinScore } = report
  const { emptyAnswers, leftOut, remaining } = report
  const findings = belowMinScore.reduce((sum, each) => sum + each.findings, 0)
  const parts = [
    `captioned ${captioned}`,
    ...(skipped.length > 0 ? [`skipped ${skipped.length} (have captions)`] : []),
    ...(locked.length > 0 ? [`locked ${locked.length}`] : []),
    ...(kept.length > 0 ? [`kept ${kept.length} (files that were there)`] : []),
    ...(empty.length > 0 ? [`without an answer ${empty.length}`] : []),
    ...(unsure.length > 0 ? [`unsure ${unsure.length} (nothing reached --min-score)`] : []),
    ...(findings > 0 ? [`findings below --min-score ${findings}`] : []),
    ...(emptyAnswers.length > 0 ? [`empty answers ${emptyAnswers.length}`] : []),
    ...(failed.length > 0 ? [`failed ${failed.length}`] : []),
    ...(leftOut.length > 0 ? [`left out ${leftOut.length} (${countKinds(leftOut)})`] : []),
    ...(remaining > 0 ? [`not reached ${remaining}`] : []),
  ]
  return parts.join(', ')
}

/** The commonest first: `.nef 5, .heic 2`. */
export function countKinds(files: Report['leftOut']): string {
  const counts = new Map<string, number>()
  for (const { kind } of files) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts]
    .toSorted(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ')
}
