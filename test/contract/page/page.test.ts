// Serving the page: a folder as the build makes it, over both transports.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openPage, PAGE_POLICY } from '../../../src/http/page-files.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { verifies } from '../support/requirements.ts'
import { onEachTransport, type OpenClient } from '../support/transports.ts'

const HTML = '<!doctype html><title>The page</title>'
/** Content of files that nobody may see. */
const HIDDEN = 'do not show'
const SCRIPT = 'console.log(1)'
const BROWSER = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } }

/** A built page with two samples, in a folder with secrets around it. */
async function openFixture() {
  const folder = temporaryFolder()
  const [built, samples] = [join(folder, 'built'), join(folder, 'samples')]
  mkdirSync(join(built, 'assets'), { recursive: true })
  mkdirSync(samples)
  writeFileSync(join(folder, 'secret.txt'), HIDDEN)
  writeFileSync(join(built, 'notes.txt'), HIDDEN)
  writeFileSync(join(built, 'index.html'), HTML)
  writeFileSync(join(built, 'assets', 'index-a1b2.js'), SCRIPT)
  writeFileSync(join(built, 'assets', 'index-c3d4.css'), 'p{}')
  writeFileSync(join(samples, 'two cats.png'), 'png')
  writeFileSync(join(samples, 'a.jpg'), 'jpg')
  writeFileSync(join(samples, 'samples.json'), JSON.stringify(HIDDEN))
  const page = await openPage({ built, samples })
  if (page === undefined) throw new Error('The fixture has a page.')
  return page
}

async function openWithPage(open: OpenClient, apiKeys: readonly string[] = []) {
  return open({ page: await openFixture(), settings: { apiKeys } })
}

onEachTransport('The page', (open) => {
  it(`is shown to browsers; programs are greeted as before ${verifies('PAGE-1')}`, async () => {
    const client = await openWithPage(open)
    const shown = await client.request('/', BROWSER)
    expect(shown.status).toBe(200)
    expect(shown.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(shown.headers.get('vary')).toContain('Accept')
    expect(await shown.text()).toBe(HTML)
    for (const accept of ['*/*', 'application/json', 'text/plain', undefined]) {
      const headers = accept === undefined ? {} : { accept }
      const greeting = await client.request('/', { headers })
      expect([accept, greeting.status, await greeting.text()]).toEqual([
        accept,
        200,
        'Ollama is running',
      ])
    }
  })

  it(`leaves every probe of other clients alone ${verifies('PAGE-1')}`, async () => {
    const [plain, client] = [await open(), await openWithPage(open)]
    const probes = ['/api/modules', '/api/version', '/api/tags', '/v1/models', '/health', '/props']
    for (const probe of probes) {
      const [before, after] = [
        await plain.request(probe, BROWSER),
        await client.request(probe, BROWSER),
      ]
      expect([probe, after.status, await after.text()]).toEqual([
        probe,
        before.status,
        await before.text(),
      ])
    }
  })

  it(`runs nothing but its own files ${verifies('PAGE-2')}`, async () => {
    const client = await openWithPage(open)
    const { headers } = await client.request('/', BROWSER)
    expect(headers.get('content-security-policy')).toBe(PAGE_POLICY)
    expect(PAGE_POLICY).toContain("default-src 'none'")
    expect(PAGE_POLICY).toContain("frame-ancestors 'none'")
    expect(PAGE_POLICY).not.toMatch(/unsafe|https?:|\*|data:/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  })

  it(`has its files kept by their hash, and is itself asked for anew ${verifies('PAGE-3')}`, async () => {
    const client = await openWithPage(open)
    const script = await client.request('/assets/index-a1b2.js')
    expect(await script.text()).toBe(SCRIPT)
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    const style = await client.request('/assets/index-c3d4.css')
    expect(style.headers.get('content-type')).toBe('text/css; charset=utf-8')
    const page = await client.request('/', BROWSER)
    expect(page.headers.get('cache-control')).toBe('no-cache')
  })

  it('answers HEAD as GET, without a body', async () => {
    const client = await openWithPage(open)
    for (const [path, init] of [
      ['/', BROWSER],
      ['/assets/index-a1b2.js', {}],
      ['/samples.json', {}],
    ] as const) {
      const [got, head] = [
        await client.request(path, init),
        await client.request(path, { ...init, method: 'HEAD' }),
      ]
      expect([path, head.status, await head.text()]).toEqual([path, 200, ''])
      expect(head.headers.get('content-type')).toBe(got.headers.get('content-type'))
      expect(head.headers.get('cache-control')).toBe(got.headers.get('cache-control'))
    }
  })

  it('lists the pictures of the samples folder, and serves nothing else of it', async () => {
    const client = await openWithPage(open)
    const listed = await client.request('/samples.json')
    expect(listed.headers.get('content-type')).toBe('application/json')
    expect(await listed.json()).toEqual(['/samples/a.jpg', '/samples/two%20cats.png'])
    const sample = await client.request('/samples/two%20cats.png')
    expect([sample.status, sample.headers.get('content-type'), await sample.text()]).toEqual([
      200,
      'image/png',
      'png',
    ])
    expect((await client.request('/samples/samples.json')).status).toBe(404)
  })

  it(`opens no other file ${verifies('PAGE-4')}`, async () => {
    const client = await openWithPage(open)
    for (const path of [
      '/assets/../notes.txt',
      '/assets/%2e%2e/notes.txt',
      '/assets/..%2fnotes.txt',
      '/assets/%252e%252e/notes.txt',
      '/assets/..%5c..%5csecret.txt',
      '/assets//etc/passwd',
      '/samples/%2e%2e%2fsecret.txt',
      '/notes.txt',
      '/index.html',
      '/assets',
      '/assets/',
      '/assets/index-a1b2.js%00.png',
    ]) {
      const response = await client.request(path)
      expect([path, response.status]).toEqual([path, 404])
      expect(await response.text()).not.toContain(HIDDEN)
    }
  })

  it(`needs no key; what it asks of the API does ${verifies('PAGE-5')}`, async () => {
    const client = await openWithPage(open, ['key'])
    for (const path of [
      '/',
      '/assets/index-a1b2.js',
      '/samples.json',
      '/samples/a.jpg',
      '/ready',
    ]) {
      expect([path, (await client.request(path, BROWSER)).status]).toEqual([path, 200])
    }
    for (const path of ['/api/v1/status', '/api/v1/tasks', '/docs', '/assets/other.js']) {
      expect([path, (await client.request(path, BROWSER)).status]).toEqual([path, 401])
    }
    expect((await client.request('/samples.json', { method: 'POST' })).status).toBe(401)
  })

  it(`was never built: browsers are told how ${verifies('PAGE-6')}`, async () => {
    expect(await openPage({ built: temporaryFolder(), samples: temporaryFolder() })).toBeUndefined()
    const client = await open()
    const response = await client.request('/', BROWSER)
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(await response.text()).toContain('npm run build')
  })
})
