import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createTestApp } from '../../../../test/support/http-app.ts'

const Document = z.looseObject({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ operationId: z.string() }))),
})

async function readDocument() {
  const response = await createTestApp().request('/openapi.json')
  return Document.parse(await response.json())
}

describe('/openapi.json', () => {
  it('describes the routes of every surface, as clients write them', async () => {
    const paths = Object.keys((await readDocument()).paths)
    expect(paths).toEqual(
      expect.arrayContaining([
        '/health',
        '/api/modules',
        '/v1/chat/completions',
        '/v1/responses',
        '/v1/models/{id}',
        '/api/generate',
        '/sdapi/v1/interrogate',
        '/completion',
      ]),
    )
  })

  it('gives every operation a name of its own and refers only to what is there', async () => {
    const document = await readDocument()
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
    const ids = operations.map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const references = JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)
    for (const [, name = ''] of references) {
      expect(document).toHaveProperty(['components', 'schemas', name])
    }
  })
})

describe('/docs', () => {
  it('lists every route and loads nothing from anywhere', async () => {
    const response = await createTestApp().request('/docs')
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    const html = await response.text()
    for (const path of Object.keys((await readDocument()).paths)) expect(html).toContain(path)
    expect(html).not.toMatch(/<script|<link|<img|src=|https?:\/\//)
  })
})
