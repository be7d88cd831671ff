// `flocap doctor`: what works on this machine, what does not, and what to do.
import { examine, type Finding } from '../../app/doctor/examine.ts'
import { toPrintable } from '../../base/printable.ts'
import { type Flags, resolveSettings } from '../../config/settings.ts'
import { spellCommands } from '../invocation.ts'
import { renderTable } from '../table.ts'

const MARKS: Record<Finding['status'], string> = {
  ok: 'ok',
  absent: '-',
  warning: 'note',
  problem: 'FAULT',
}

/** What is absent and was not asked for says nothing about FloCap. */
type Verdict = Exclude<Finding['status'], 'absent'>

const VERDICTS: Record<Verdict, string> = {
  ok: 'All is well.',
  warning: 'FloCap works here.',
  problem: 'FloCap does not work here yet.',
}

export async function doctor({
  json = false,
  ...flags
}: Flags & { readonly json?: boolean }): Promise<void> {
  const findings = await examine(resolveSettings(flags, process.env))
  const worst = worstOf(findings)
  if (json) console.log(JSON.stringify({ verdict: worst, findings }, undefined, 2))
  else printFindings(findings, worst)
  if (worst === 'problem') process.exitCode = 1
}

function printFindings(findings: readonly Finding[], worst: Verdict): void {
  const rows = findings.map(({ name, status, detail }) => [MARKS[status], name, detail])
  console.log(renderTable(rows))
  console.log(`\n${VERDICTS[worst]}`)
  for (const { name, status, cure } of findings) {
    if (status !== 'ok' && status !== 'absent' && cure !== undefined)
      console.log(`  ${name}: ${toPrintable(spellCommands(cure))}`)
  }
}

function worstOf(findings: readonly Finding[]): Verdict {
  const isAny = (status: Finding['status']): boolean =>
    findings.some((finding) => finding.status === status)
  if (isAny('problem')) return 'problem'
  return isAny('warning') ? 'warning' : 'ok'
}
