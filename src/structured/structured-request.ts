// Answers that fit a JSON schema: which tasks to run for it, and what their answers become.
import { createByteLru } from '../base/byte-lru.ts'
import { FlocapError } from '../base/errors.ts'
import type { CaptionResult, TaskRequest } from '../caption/captioner.ts'
import { TASKS } from '../caption/tasks.ts'
import { readEvidence } from './answer/evidence.ts'
import { createFill } from './answer/fill.ts'
import { isUnfit, type Outcome } from './answer/filled.ts'
import type { TextSource } from './answer/text-source.ts'
import { findLead, type Lead } from './lead.ts'
import { coverageOf, needsOf } from './plan/needs.ts'
import { planSlots } from './plan/plan-slots.ts'
import { createChecker } from './schema/checker.ts'
import { readSchema } from './schema/read-schema.ts'
import { refuseSchema } from './schema/refusal.ts'

export interface AnsweredTasks {
  /** Its name among several, `Image 1`, and the names of those that are the same. */
  readonly labels: readonly string[]
  /** One for each of `tasks`, in their order. */
  readonly results: readonly CaptionResult[]
}

export interface StructuredAnswer {
  readonly json: string
  /** Properties that nothing is known of, such as `score` or `labels[].topicality`. */
  readonly unanswered: readonly string[]
}

export interface StructuredRequest {
  /** The share of its values that a picture tells something about, 0 to 1. */
  readonly coverage: number
  /**
   * What to ask about each picture, at least one.
   * @param chosen the task of the request itself, which answers what asks for nothing particular.
   * @param modelId decides whether the fine-tune's own tags are asked for.
   */
  tasks(chosen: TaskRequest, modelId: string): readonly TaskRequest[]
  /** The text that the answer begins with, where it can be known before all of it is. */
  lead(tasks: readonly TaskRequest[]): Lead | undefined
  /**
   * The answer, checked against the schema.
   * @param rank of the answers to each question the best is 0.
   * @throws FlocapError `invalid_schema` naming the property that what was found does not fit.
   */
  answer(
    tasks: readonly TaskRequest[],
    pictures: readonly AnsweredTasks[],
    rank: number,
  ): StructuredAnswer
  /**
   * The answer about a text instead of pictures; undefined where nothing that the schema asks for can
   * be made of it.
   * @throws FlocapError as `answer`.
   */
  answerText(text: TextSource): StructuredAnswer | undefined
}

/** Programs send the same schema with each picture: reading and compiling it takes some milliseconds. */
const MAX_REMEMBERED_BYTES = 8 * 1024 * 1024

/** What the compiled code and the plan take for each character of the schema, and at least. */
const BYTES_PER_CHARACTER = 50
const LEAST_BYTES = 50_000

const remembered = createByteLru<StructuredRequest>(
  MAX_REMEMBERED_BYTES,
  (key) => LEAST_BYTES + BYTES_PER_CHARACTER * key.length,
)

/**
 * @param field where the schema stands in the request, for messages.
 * @throws FlocapError `invalid_schema` naming the property that FloCap cannot give a value.
 */
export function createStructuredRequest(schema: unknown, field: string): StructuredRequest {
  const key = JSON.stringify([field, schema])
  const known = remembered.get(key)
  if (known !== undefined) return known
  const made = planRequest(schema, field)
  remembered.set(key, made)
  return made
}

function planRequest(schema: unknown, field: string): StructuredRequest {
  const root = readSchema(schema, field)
  const slot = planSlots(root, field)
  const needs = needsOf(slot)
  const checker = createChecker(root)
  const fill = createFill(checker)

  function toAnswer(outcome: Outcome): StructuredAnswer {
    if (isUnfit(outcome)) throw refuseSchema(field, outcome.path, outcome.why)
    const violation = checker.check(outcome.value)
    if (violation !== undefined) {
      throw refuseSchema(field, violation.path, `fits nothing that was found: it ${violation.why}.`)
    }
    return { json: JSON.stringify(outcome.value), unanswered: [...new Set(outcome.unanswered)] }
  }

  return {
    coverage: coverageOf(slot),

    tasks(chosen, modelId) {
      const { generation } = chosen
      const tasks = new Map<string, TaskRequest>()
      const plain = TASKS[chosen.task].takes === 'nothing' ? chosen.task : undefined
      // The chosen task's answer stands first: it speaks where no other does.
      if (needs.size === 0 || needs.has('chosen') || (plain !== undefined && needs.has(plain))) {
        tasks.set(plain ?? 'chosen', chosen)
      }
      for (const task of needs) {
        if (task === 'chosen' || tasks.has(task)) continue
        tasks.set(task, { task, ...(generation === undefined ? {} : { generation }) })
      }
      if (needs.has('dense_region_caption') && /promptgen/i.test(modelId)) {
        tasks.set('generate_tags', { task: 'generate_tags' })
      }
      return [...tasks.values()]
    },

    lead: (tasks) => findLead(slot, tasks),

    answerText(text) {
      const outcome = fill(slot, { pictures: [], text })
      return !isUnfit(outcome) && !outcome.known ? undefined : toAnswer(outcome)
    },

    answer(tasks, pictures, rank) {
      const evidence = pictures.map(({ labels, results }) =>
        readEvidence(labels.join(', '), tasks, results, rank),
      )
      return toAnswer(fill(slot, { pictures: evidence }))
    },
  }
}

/** @throws FlocapError `unanswerable` when there are any. */
export function refuseUnanswered(unanswered: readonly string[]): void {
  const [first] = unanswered
  if (first === undefined) return
  throw new FlocapError(
    'unanswerable',
    `FloCap cannot tell '${unanswered.join("', '")}' from a picture.`,
    {
      subject: first,
      hint: 'Leave it out of the schema, or start FloCap without --unanswerable refuse.',
    },
  )
}
