// A workflow of GitHub's as data: the part of its schema that this repository uses, and its jobs in an
// order in which they can run.
import { z } from 'zod'

const Permissions = z.record(z.string(), z.enum(['read', 'write']))
const Values = z.record(z.string(), z.string())

export const WorkflowStep = z.strictObject({
  id: z.string().optional(),
  name: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  shell: z.enum(['bash', 'pwsh']).optional(),
  with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  env: Values.optional(),
})
export type WorkflowStep = z.infer<typeof WorkflowStep>

const Row = z.record(z.string(), z.string())

const Job = z.strictObject({
  needs: z.union([z.string(), z.array(z.string())]).optional(),
  if: z.string().optional(),
  'runs-on': z.string(),
  'timeout-minutes': z.number(),
  permissions: Permissions.optional(),
  environment: z.string().optional(),
  strategy: z
    .strictObject({
      matrix: z.union([
        z.strictObject({ include: z.array(Row) }),
        z.record(z.string(), z.array(z.string())),
      ]),
    })
    .optional(),
  steps: z.array(WorkflowStep).min(1),
})
export type Job = z.infer<typeof Job>

export const Workflow = z.strictObject({
  name: z.string(),
  on: z.unknown(),
  permissions: Permissions,
  concurrency: z.unknown().optional(),
  env: Values.optional(),
  jobs: z.record(z.string(), Job),
})
export type Workflow = z.infer<typeof Workflow>

/** What a job waits for. */
export function needsOf({ needs = [] }: Job): readonly string[] {
  return [needs].flat()
}

/**
 * Names of jobs, each behind those that it needs.
 * @throws Error for a job that waits for itself.
 */
export function orderJobs({ jobs }: Workflow): readonly string[] {
  const ordered: string[] = []
  const visit = (name: string, waiting: readonly string[]): void => {
    if (waiting.includes(name)) throw new Error(`${[...waiting, name].join(' waits for ')}.`)
    if (ordered.includes(name)) return
    for (const needed of needsOf(jobOf(jobs, name))) visit(needed, [...waiting, name])
    ordered.push(name)
  }
  for (const name of Object.keys(jobs)) visit(name, [])
  return ordered
}

export function jobOf(jobs: Workflow['jobs'], name: string): Job {
  const job = jobs[name]
  if (job === undefined) throw new Error(`Expected a job '${name}', found none.`)
  return job
}

/** The values of `matrix` for each run of a job; one without values where it has no matrix. */
export function matrixRows({ strategy }: Job): readonly Readonly<Record<string, string>>[] {
  const matrix = strategy?.matrix
  if (matrix === undefined) return [{}]
  const listed = z.strictObject({ include: z.array(Row) }).safeParse(matrix)
  if (listed.success) return listed.data.include
  return Object.entries(matrix).reduce<Record<string, string>[]>(
    (rows, [key, values]) =>
      rows.flatMap((row) =>
        z
          .array(z.string())
          .parse(values)
          .map((value) => ({ ...row, [key]: value })),
      ),
    [{}],
  )
}
