// The written reference says what the code does.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ERROR_CODES } from '../../src/base/errors.ts'
import { STATUS } from '../../src/http/errors.ts'
import { DEFAULT_HTTP_SETTINGS } from '../../src/http/settings.ts'
import { createTestApp } from '../support/http-app.ts'

const PAGE = readFileSync(new URL('../../docs/reference/http-api.md', import.meta.url), 'utf8')

describe('docs/reference/http-api.md', () => {
  it('has a row for each error code, and no others', () => {
    const rows = [...PAGE.matchAll(/^\| `(\w+)` \| (\d{3}) \| (.*) \|$/gm)]
    const written = rows.map(([, code = '', status = '', meaning = '']) => [
      code,
      Number(status),
      meaning,
    ])
    const statuses: Readonly<Record<string, number>> = STATUS
    const expected = Object.entries(ERROR_CODES).map(([code, { meaning }]) => [
      code,
      statuses[code],
      meaning,
    ])
    expect(written).toEqual(expected)
  })

  it('names every route', async () => {
    const response = await createTestApp().request('/openapi.json')
    const { paths } = z
      .looseObject({ paths: z.record(z.string(), z.unknown()) })
      .parse(await response.json())
    for (const path of Object.keys(paths)) expect(PAGE).toContain(path)
  })

  it('names every setting', () => {
    for (const name of Object.keys(DEFAULT_HTTP_SETTINGS)) {
      // Set by --listen, not by name.
      expect(PAGE).toContain(name === 'privateNetwork' ? '--listen' : name)
    }
  })
})
