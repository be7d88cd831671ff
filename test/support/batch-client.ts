// A client of files and batches that knows nothing of FloCap's code: HTTP and JSON alone.
import { z } from 'zod'

const Created = z.object({ id: z.string() })
const BatchState = z.object({
  id: z.string(),
  status: z.string(),
  output_file_id: z.string().nullable(),
  error_file_id: z.string().nullable(),
  errors: z.unknown(),
  request_counts: z.object({ total: z.number(), completed: z.number(), failed: z.number() }),
})
export type BatchState = z.infer<typeof BatchState>

const OutputLine = z.object({
  custom_id: z.string(),
  response: z.object({ status_code: z.number(), body: z.unknown() }).nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
})
export type OutputLine = z.infer<typeof OutputLine>

const OVER = new Set(['completed', 'failed', 'expired', 'cancelled'])

/** @param lines what stands in the input @returns the batch's id */
export async function submitBatch(
  url: string,
  endpoint: string,
  lines: readonly string[],
): Promise<string> {
  const form = new FormData()
  form.set('purpose', 'batch')
  form.set('file', new Blob([lines.join('\n')]), 'lines.jsonl')
  const file = Created.parse(await ask(`${url}/v1/files`, { method: 'POST', body: form }))
  const batch = await ask(`${url}/v1/batches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input_file_id: file.id, endpoint, completion_window: '24h' }),
  })
  return Created.parse(batch).id
}

export async function readBatch(url: string, id: string): Promise<BatchState> {
  return BatchState.parse(await ask(`${url}/v1/batches/${id}`))
}

export function isOver({ status }: BatchState): boolean {
  return OVER.has(status)
}

/** The lines of both outputs. */
export async function readOutputs(url: string, batch: BatchState): Promise<readonly OutputLine[]> {
  const lines: OutputLine[] = []
  for (const id of [batch.output_file_id, batch.error_file_id]) {
    if (id === null) continue
    const response = await fetch(`${url}/v1/files/${id}/content`)
    const text = await response.text()
    lines.push(
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => OutputLine.parse(JSON.parse(line))),
    )
  }
  return lines
}

async function ask(url: string, init?: RequestInit): Promise<unknown> {
  const response = await fetch(url, init)
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status}: ${text}`)
  return JSON.parse(text)
}
