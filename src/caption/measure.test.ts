import { describe, expect, it } from 'vitest'
import { createFakeVisionModel } from '../../test/support/fake-vision-model.ts'
import { createMetrics } from '../base/metrics.ts'
import { withCache } from './cache.ts'
import { createModelCaptioner } from './model-captioner.ts'
import { withMeasures } from './measure.ts'

describe('withMeasures', () => {
  it('counts answers, and what ran only where something ran', async () => {
    const metrics = createMetrics()
    const model = createFakeVisionModel()
    const captioner = withMeasures(
      withCache(createModelCaptioner(model), { maxBytes: 100_000 }),
      metrics,
    )
    const request = { picture: new Uint8Array([1]), task: 'caption' } as const
    const { usage } = await captioner.caption(request)
    await captioner.caption(request)
    const text = metrics.render()
    expect(text).toContain('flocap_answers_total{task="caption"} 2\n')
    expect(text).toContain('flocap_cache_hits_total 1\n')
    expect(text).toContain(`flocap_completion_tokens_total ${usage.completionTokens}\n`)
    expect(text).toContain(`flocap_prompt_tokens_total ${usage.promptTokens}\n`)
    expect(text).toContain('flocap_stage_duration_seconds_sum{stage="vision"} 0.002\n')
    expect(text).toContain('flocap_stage_duration_seconds_count{stage="decode"} 1\n')
  })
})
