import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { createSharedFile } from './shared-file.ts'

const TEXT = 'const answer = 42\n'.repeat(20_000)

function write(): string {
  const path = join(temporaryFolder(), 'script.js')
  writeFileSync(path, TEXT)
  return path
}

describe('createSharedFile', () => {
  it.each([
    ['br', 'br'],
    ['gzip, deflate, br;q=1.0', 'br'],
    ['gzip;q=0.5', 'gzip'],
    ['GZIP', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['*', 'gzip'],
    ['identity', undefined],
    ['deflate, zstd', undefined],
    ['br;q=0', undefined],
    ['br; q=0.000', undefined],
    ['', undefined],
    [undefined, undefined],
    [',;,;q=,'.repeat(1_000), undefined],
  ])('answers %j with %j', async (accepted, encoding) => {
    const file = createSharedFile(write(), { compresses: true })
    const response = await file.respond(accepted, { 'content-type': 'text/javascript' })
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(response.headers.get('content-encoding') ?? undefined).toBe(encoding)
    expect(response.headers.get('content-length')).toBe(String(bytes.byteLength))
    const decode = { br: brotliDecompressSync, gzip: gunzipSync }[encoding ?? '']
    expect((decode?.(bytes) ?? bytes).toString()).toBe(TEXT)
  })

  it('does not compress what is compressed already', async () => {
    const response = await createSharedFile(write(), { compresses: false }).respond('br', {})
    expect(response.headers.get('content-encoding')).toBeNull()
  })

  it('reads its file once', async () => {
    const path = write()
    const file = createSharedFile(path, { compresses: true })
    await Promise.all([file.respond('br', {}), file.respond('gzip', {}), file.respond('', {})])
    rmSync(path)
    for (const accepted of ['br', 'gzip', '']) {
      expect((await file.respond(accepted, {})).status).toBe(200)
    }
  })

  it('tries again to read a file that could not be read', async () => {
    const path = join(temporaryFolder(), 'late.js')
    const file = createSharedFile(path, { compresses: true })
    await expect(file.respond('br', {})).rejects.toThrow('ENOENT')
    writeFileSync(path, TEXT)
    expect((await file.respond('br', {})).status).toBe(200)
  })

  it('hands out its bytes without a copy, piece by piece as they are asked for', async () => {
    const file = createSharedFile(write(), { compresses: false })
    const [first, second] = await Promise.all(
      [1, 2].map(async () => {
        const { value } = await (await file.respond('', {})).body!.getReader().read()
        return value!
      }),
    )
    expect(first!.buffer).toBe(second!.buffer)
    expect(first!.byteLength).toBeLessThan(TEXT.length)
  })
})
