// What there is to say about the server, in words: its model, what it is busy with, what it takes.
import type { Status } from '../server/wire.ts'

export interface ServerFact {
  readonly label: string
  readonly value: string
}

/** In few words, for the head of the page. */
const ARITHMETIC: Readonly<Record<string, string>> = {
  auto: 'computes in 8 bits, checked',
  fast: 'computes in 4 and 8 bits',
  fp32: 'computes in 32 bits, exact',
  fp16: 'computes in 16 bits',
}

/** How a model computes, in few words; undefined while it is not known. */
export function arithmeticOf(precision: string): string | undefined {
  if (precision === 'unknown') return undefined
  return new Map(Object.entries(ARITHMETIC)).get(precision) ?? `computes in ${precision}`
}

const PRECISIONS: Readonly<Record<string, string>> = {
  auto: '8 bits where that is measured to keep the answers, 32 elsewhere',
  fast: '8 bits, 4 for writing the answer: faster, and less exact',
  fp32: '32 bits throughout, as the reference computes',
  fp16: '16 bits throughout',
}

/** Undefined while it is not known. */
function precisionInWords(precision: string): string | undefined {
  if (precision === 'unknown') return undefined
  return new Map(Object.entries(PRECISIONS)).get(precision) ?? precision
}

const MILLION = 1e6
const BYTES_PER_MB = 1024 * 1024

/** @param metrics the text of GET /metrics; undefined while it has not come. */
export function serverFacts(
  { model, version }: Status,
  metrics: string | undefined,
): readonly ServerFact[] {
  const sum = (...names: readonly string[]): number | undefined =>
    metrics === undefined ? undefined : sumOf(metrics, names)
  const bytes = sum('flocap_server_resident_bytes', 'flocap_engine_resident_bytes')
  const facts: readonly (readonly [label: string, value: string | undefined])[] = [
    ['Model', model.id],
    ['Size', model.parameters === 0 ? undefined : millions(model.parameters)],
    ['Precision', precisionInWords(model.precision)],
    [
      'Looks at pictures in',
      model.image_size === 0 ? undefined : `${model.image_size} × ${model.image_size} pixels`,
    ],
    ['Answers since it was started', sum('flocap_answers_total')?.toString()],
    ['Of them known already', sum('flocap_cache_hits_total')?.toString()],
    ['Waiting in the queue', sum('flocap_queue_depth')?.toString()],
    ['Workers that answer batches', sum('flocap_queue_workers')?.toString()],
    ['Lines that they answer at once', sum('flocap_queue_places')?.toString()],
    ['Memory', bytes === undefined ? undefined : `${Math.round(bytes / BYTES_PER_MB)} MB`],
    ['FloCap', version ?? undefined],
  ]
  return facts.flatMap(([label, value]) => (value === undefined ? [] : { label, value }))
}

function millions(parameters: number): string {
  return `${Math.round(parameters / MILLION)} million parameters`
}

/** Of all samples of these metrics in Prometheus' text; undefined where there are none. */
function sumOf(text: string, names: readonly string[]): number | undefined {
  const values = text.split('\n').flatMap((line) => {
    const [name = ''] = line.split(/[{ ]/, 1)
    return names.includes(name) ? Number(line.slice(line.lastIndexOf(' ') + 1)) : []
  })
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0)
}
