import { describe, expect, it } from 'vitest'
import { newBatch } from '../../../src/batches/new-batch.ts'
import type { Batch } from '../server/wire.ts'
import { batchErrors, batchHasEnded, batchInWords } from './batch-words.ts'

const batch: Batch = {
  ...newBatch({
    inputFileId: 'file-1',
    endpoint: '/v1/chat/completions',
    completionWindow: '24h',
    windowSeconds: 86_400,
    model: 'base',
    metadata: null,
    outputExpiresAfter: 86_400,
  }),
  status: 'in_progress',
  in_progress_at: 1000,
  request_counts: { total: 2000, completed: 480, failed: 20 },
}

describe('a batch in words', () => {
  it('tells how far it is and how long the rest takes', () => {
    expect(batchInWords(batch, 1100)).toBe(
      'Running: 500 of 2,000 lines, 20 failed, about 5 minutes left',
    )
    const begun = { ...batch, request_counts: { total: 3, completed: 0, failed: 0 } }
    expect(batchInWords(begun, 1100)).toBe('Running: 0 of 3 lines')
  })

  it('tells how it ended', () => {
    expect(batchInWords({ ...batch, status: 'completed' }, 9000)).toBe(
      'Completed: 500 of 2,000 lines, 20 failed',
    )
    const refused: Batch = {
      ...batch,
      status: 'failed',
      request_counts: { total: 0, completed: 0, failed: 0 },
      errors: {
        object: 'list',
        data: [
          { code: 'invalid_json', message: 'Expected JSON.', param: null, line: 7 },
          { code: 'queue_waits', message: 'No worker is there.', param: null, line: null },
        ],
      },
    }
    expect(batchInWords(refused, 9000)).toBe('Not run: its lines have mistakes')
    expect(batchErrors(refused)).toEqual(['Line 7: Expected JSON.', 'No worker is there.'])
    expect([batchHasEnded(refused), batchHasEnded(batch)]).toEqual([true, false])
  })
})
