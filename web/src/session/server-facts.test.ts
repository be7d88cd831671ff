import { describe, expect, it } from 'vitest'
import type { Status } from '../server/wire.ts'
import { serverFacts } from './server-facts.ts'

const status: Status = {
  version: '1.0.0',
  ready: true,
  reason: null,
  model: {
    id: 'base',
    demo: false,
    image_size: 768,
    precision: 'auto',
    fingerprint: '',
    parameters: 231_000_000,
    created_at: '2026-01-01T00:00:00.000Z',
    task_tokens: [],
  },
  limits: { max_body_bytes: 1, max_images: 1, max_tasks: 1 },
}

const METRICS = `# TYPE flocap_answers_total counter
flocap_answers_total{task="caption"} 3
flocap_answers_total{task="od"} 4
flocap_queue_depth 2
flocap_server_resident_bytes 104857600
flocap_engine_resident_bytes 209715200
`

const factsOf = (facts: ReturnType<typeof serverFacts>) =>
  Object.fromEntries(facts.map(({ label, value }) => [label, value]))

describe('what is said about the server', () => {
  it('is its model in words, and what it is busy with', () => {
    expect(factsOf(serverFacts(status, METRICS))).toEqual({
      Model: 'base',
      Size: '231 million parameters',
      Precision: '8 bits where that is measured to keep the answers, 32 elsewhere',
      'Looks at pictures in': '768 × 768 pixels',
      'Answers since it was started': '7',
      'Waiting in the queue': '2',
      Memory: '300 MB',
      FloCap: '1.0.0',
    })
  })

  it('leaves out what is not known', () => {
    const model = { ...status.model, precision: 'unknown', parameters: 0 }
    const facts = factsOf(serverFacts({ ...status, model, version: null }, undefined))
    expect(Object.keys(facts)).toEqual(['Model', 'Looks at pictures in'])
  })
})
