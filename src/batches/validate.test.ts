import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createTestApp } from '../../test/support/http-app.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { createLineReader } from '../http/in-process.ts'
import { validateInput, type Validation } from './validate.ts'

const reader = createLineReader(createTestApp())

async function validate(lines: Iterable<string>, maxLines = 1_000_000): Promise<Validation> {
  const input = join(temporaryFolder(), 'input.jsonl')
  const file = createWriteStream(input)
  for (const each of lines) if (!file.write(`${each}\n`)) await once(file, 'drain')
  file.end()
  await once(file, 'finish')
  const { signal } = new AbortController()
  const limits = { maxLines, maxLineBytes: 1_000_000 }
  return validateInput({ input, endpoint: '/v1/responses', limits, reader, signal })
}

function line(id: string, body: object = { input: 'x' }): string {
  return JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/responses', body })
}

function* many(count: number, body: object): Iterable<string> {
  for (let index = 0; index < count; index += 1) yield line(`request-${index}`, body)
}

describe('an input', () => {
  it('of 100,000 lines is looked through without being held', async () => {
    // Two kilobytes a line: some 220 MB in all.
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed
    let most = 0
    const timer = setInterval(() => {
      const { arrayBuffers, heapUsed } = process.memoryUsage()
      most = Math.max(most, arrayBuffers + heapUsed)
    }, 20)
    try {
      expect(await validate(many(100_000, { input: 'x'.repeat(2_000) }))).toEqual({
        total: 100_000,
        errors: [],
      })
    } finally {
      clearInterval(timer)
    }
    expect(most - before).toBeLessThan(100 * 1024 * 1024)
  }, 120_000)

  it('has a list of mistakes that ends, and says so', async () => {
    const { errors } = await validate(Array.from({ length: 300 }, () => 'x'))
    expect(errors).toHaveLength(101)
    expect(errors[99]).toMatchObject({ line: 100, code: 'invalid_json_line' })
    expect(errors[100]).toMatchObject({ line: null, code: 'too_many_errors' })
  })

  it('may end with the last line that is allowed', async () => {
    expect(await validate(many(3, {}), 3)).toEqual({ total: 3, errors: [] })
    expect((await validate(many(4, {}), 3)).errors).toMatchObject([{ code: 'too_many_lines' }])
  })

  it('is refused for a custom_id that is longer than any', async () => {
    expect((await validate([line('x'.repeat(512))])).errors).toEqual([])
    expect((await validate([line('x'.repeat(513))])).errors).toMatchObject([
      { code: 'invalid_custom_id', param: 'custom_id', line: 1 },
    ])
  })
})
