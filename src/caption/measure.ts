// What /metrics tells of captions: tokens, cached answers, and where the time of the others went.
import { type Metrics, SECONDS_BUCKETS } from '../base/metrics.ts'
import type { TasksCaptioner } from './captioner.ts'
import type { Timings } from './ports.ts'
import { createTasksCaptioner } from './tasks-captioner.ts'

const STAGES: readonly (keyof Timings)[] = ['picture', 'vision', 'prefill', 'decode']

/** A captioner that counts what `captioner` answers; it belongs outside of its cache. */
export function withMeasures(captioner: TasksCaptioner, metrics: Metrics): TasksCaptioner {
  const answers = metrics.counter('flocap_answers_total', 'Answers by task.')
  const hits = metrics.counter('flocap_cache_hits_total', 'Answers that were known already.')
  const promptTokens = metrics.counter('flocap_prompt_tokens_total', 'Tokens read.')
  const completionTokens = metrics.counter('flocap_completion_tokens_total', 'Tokens written.')
  const stages = metrics.histogram(
    'flocap_stage_duration_seconds',
    'Time of a run in each of its stages.',
    SECONDS_BUCKETS,
  )

  return createTasksCaptioner(
    () => captioner.model,
    async (request, hooks) => {
      const results = await captioner.captionTasks(request, hooks)
      for (const { task, cached, usage } of results) {
        answers.add(1, { task })
        if (cached) hits.add()
        else {
          promptTokens.add(usage.promptTokens)
          completionTokens.add(usage.completionTokens)
        }
      }
      // All fresh results of a request come from one run and carry its times.
      const fresh = results.find(({ cached }) => !cached)
      if (fresh !== undefined) {
        for (const stage of STAGES) stages.observe(fresh.timings[stage] / 1000, { stage })
      }
      return results
    },
  )
}
