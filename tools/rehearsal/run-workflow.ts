// Goes through a workflow as GitHub does for an event: jobs behind those that they need, conditions,
// matrices, variables. What steps do is the business of a machine: a real one, or a list in a test.
import { type Contexts, expand, isTrue } from './expressions.ts'
import {
  type Job,
  jobOf,
  matrixRows,
  needsOf,
  orderJobs,
  type Workflow,
  type WorkflowStep,
} from './workflow.ts'

export interface RehearsedEvent {
  readonly name: 'push' | 'workflow_dispatch'
  /** `refs/tags/v1.2.3` or `refs/heads/main`. */
  readonly ref: string
  readonly inputs: Readonly<Record<string, string | boolean>>
}

export type Variables = Readonly<Record<string, string>>

export interface Machine {
  /** A fresh machine for a job, or for one row of its matrix. */
  begin(job: string, row: Variables): Promise<void>
  /** @throws Error when the script ends with another code than 0. */
  run(script: string, shell: string | undefined, env: Variables): Promise<void>
  /** @returns the outputs of the action. */
  use(action: string, inputs: Variables, env: Variables): Promise<Variables>
}

/** Of this name in no case: what is published under it must be told from a real release. */
const OWNER = 'rehearsal'
const REPOSITORY = `${OWNER}/flocap`

/** @param leaveOut jobs that are not run, yet count as done. @throws what a step throws. */
export async function runWorkflow(
  workflow: Workflow,
  event: RehearsedEvent,
  machine: Machine,
  leaveOut: readonly string[] = [],
): Promise<void> {
  const skipped = new Set<string>()
  const contexts = contextsOf(event)
  const env = expandAll(workflow.env ?? {}, contexts)
  for (const name of orderJobs(workflow)) {
    const job = jobOf(workflow.jobs, name)
    const isWanted = job.if === undefined || isTrue(job.if, contexts)
    if (!isWanted || needsOf(job).some((needed) => skipped.has(needed))) skipped.add(name)
    else if (!leaveOut.includes(name)) await runJob(name, job, { ...contexts, env }, machine)
  }
}

async function runJob(name: string, job: Job, base: Contexts, machine: Machine): Promise<void> {
  for (const matrix of matrixRows(job)) {
    await machine.begin(name, matrix)
    const steps: Record<string, { readonly outputs: Variables }> = {}
    for (const step of job.steps) {
      const contexts = { ...base, matrix, steps }
      if (step.if !== undefined && !isTrue(step.if, contexts)) continue
      const outputs = await runStep(step, contexts, machine)
      if (step.id !== undefined) steps[step.id] = { outputs }
    }
  }
}

async function runStep(
  step: WorkflowStep,
  contexts: Contexts & { readonly env?: unknown },
  machine: Machine,
): Promise<Variables> {
  const env = { ...asVariables(contexts.env), ...expandAll(step.env ?? {}, contexts) }
  if (step.run !== undefined) {
    await machine.run(expand(step.run, contexts), step.shell, env)
    return {}
  }
  const inputs = Object.entries(step.with ?? {}).map(([key, value]) => [key, String(value)])
  return machine.use(step.uses ?? '', expandAll(Object.fromEntries(inputs), contexts), env)
}

function contextsOf({ name, ref, inputs }: RehearsedEvent): Contexts {
  return {
    github: {
      ref,
      ref_name: ref.split('/').at(-1),
      event_name: name,
      repository: REPOSITORY,
      repository_owner: OWNER,
      actor: OWNER,
      token: 'no-token',
    },
    inputs,
    secrets: {},
    matrix: {},
    steps: {},
    env: {},
  }
}

/** What GitHub sets for scripts besides the workflow's own. */
export function githubVariables({ name, ref }: RehearsedEvent): Variables {
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: name,
    GITHUB_REF: ref,
    GITHUB_REF_NAME: ref.split('/').at(-1) ?? '',
    GITHUB_REPOSITORY: REPOSITORY,
    GITHUB_REPOSITORY_OWNER: OWNER,
  }
}

function expandAll(values: Variables, contexts: Contexts): Variables {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, expand(value, contexts)]),
  )
}

function asVariables(value: unknown): Variables {
  return Object.fromEntries(Object.entries(value ?? {}).map(([key, each]) => [key, String(each)]))
}
