// `flocap review` over its API, and what later runs of `flocap caption` make of it.
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { childrenOf } from '../support/ask-server.ts'
import { runProgram } from '../support/program.ts'
import { type ReviewProgram, startReviewProgram } from '../support/review-program.ts'
import { referenceCaption, samplePath } from '../support/samples.ts'
import { HAS_SMALL_DISKS, mountSmallDisk } from '../support/small-disk.ts'
import { createFolder, removeFolder, temporaryFolder } from '../support/temporary-folder.ts'

const home = createFolder()
afterAll(() => removeFolder(home))

const SAMPLES = { 'a.png': 'scene-00.png', 'b.png': 'scene-02.png', 'c.png': 'scene-03.png' }
const caption = (name: keyof typeof SAMPLES): string => referenceCaption(SAMPLES[name], '<CAPTION>')

function createAlbum(): string {
  const album = temporaryFolder()
  for (const [name, sample] of Object.entries(SAMPLES)) {
    copyFileSync(samplePath(sample), join(album, name))
  }
  return album
}

const run = async (album: string, ...args: string[]) =>
  runProgram(['caption', album, '--task', 'caption', '--format', 'txt', ...args], {
    environment: { FLOCAP_HOME: home },
  })

async function ask(review: ReviewProgram, path: string, body?: unknown) {
  const response = await fetch(`${review.url}api/${path}`, {
    headers: { authorization: `Bearer ${review.secret}` },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  })
  const answer: unknown = await response.json()
  return { status: response.status, answer }
}

describe('flocap review', () => {
  it('edits, replaces and locks captions; a later --overwrite keeps the locked ones', async () => {
    const album = createAlbum()
    expect((await run(album)).code).toBe(0)
    const review = await startReviewProgram(album)
    expect((await ask(review, 'pictures')).answer).toMatchObject({
      folder: album,
      pictures: [
        { name: 'a.png', caption: caption('a.png'), edited: false, confidence: expect.any(Number) },
        { name: 'b.png', file: 'b.txt' },
        { name: 'c.png', failure: null },
      ],
    })
    const before = caption('a.png')
    const changes = [{ name: 'a.png', before, after: 'My own words.' }]
    expect(await ask(review, 'captions', { changes })).toMatchObject({
      status: 200,
      answer: { saved: [{ name: 'a.png', edited: true }] },
    })
    const wanted = { names: ['a.png', 'b.png'], from: 'My', to: 'Our', regex: false }
    expect((await ask(review, 'replacements', wanted)).answer).toEqual({
      changes: [{ name: 'a.png', before: 'My own words.', after: 'Our own words.' }],
    })
    await ask(review, 'locks', { names: ['a.png'], locked: true })
    writeFileSync(join(album, 'b.txt'), 'not locked')

    const { code, stderr } = await run(album, '--overwrite')
    expect(code).toBe(0)
    expect(stderr).toContain('captioned 2, locked 1\n')
    expect(readFileSync(join(album, 'a.txt'), 'utf8')).toBe('My own words.\n')
    expect(readFileSync(join(album, 'b.txt'), 'utf8')).toBe(`${caption('b.png')}\n`)
  })

  it('answers 409 with what is there when a caption was changed meanwhile', async () => {
    const album = createAlbum()
    writeFileSync(join(album, 'a.txt'), 'as read')
    const review = await startReviewProgram(album)
    await ask(review, 'pictures')
    writeFileSync(join(album, 'a.txt'), 'from an editor')
    const changes = [{ name: 'a.png', before: 'as read', after: 'mine' }]
    expect(await ask(review, 'captions', { changes })).toEqual({
      status: 409,
      answer: { saved: [], failed: [], conflicts: [{ name: 'a.png', theirs: 'from an editor' }] },
    })
    expect(readFileSync(join(album, 'a.txt'), 'utf8')).toBe('from an editor')
  })

  it('sends previews of its pictures, whatever their format, and no other file', async () => {
    const album = createAlbum()
    writeFileSync(join(album, 'secret.txt'), 'secret')
    const review = await startReviewProgram(album)
    const get = async (name: string, size = 'small') =>
      fetch(`${review.url}api/preview?${new URLSearchParams({ name, size }).toString()}`, {
        headers: { authorization: `Bearer ${review.secret}` },
      })
    const shown = await get('a.png')
    expect(shown.headers.get('content-type')).toBe('image/webp')
    expect(Buffer.from(await shown.arrayBuffer()).toString('latin1', 8, 12)).toBe('WEBP')
    const large = await get('a.png', 'large')
    expect(large.headers.get('content-type')).toBe('image/jpeg')
    expect(
      Buffer.from(await large.arrayBuffer())
        .subarray(0, 2)
        .toString('hex'),
    ).toBe('ffd8')
    for (const name of ['secret.txt', '../a.png', join(album, 'a.png'), '.flocap/review.jsonl']) {
      expect([name, (await get(name)).status]).toEqual([name, 400])
    }
    expect((await get('a.png', 'huge')).status).toBe(400)
  })

  it('captions a picture again when it is asked to, and writes nothing by itself', async () => {
    const album = createAlbum()
    const review = await startReviewProgram(album, ['--trigger', 'ohwx'], { FLOCAP_HOME: home })
    await ask(review, 'pictures')
    const again = async (task: string) => ask(review, 'again', { name: 'a.png', task })
    expect(await again('caption')).toEqual({
      status: 200,
      answer: {
        caption: `ohwx, ${caption('a.png')}`,
        confidence: expect.any(Number),
        model: { id: 'flocap-demo', demo: true },
      },
    })
    expect(existsSync(join(album, 'a.txt'))).toBe(false)
    expect(await again('nonsense')).toMatchObject({ answer: { error: { code: 'unknown_task' } } })
  })

  it('says why no model can be had, and tries again when it is asked again', async () => {
    const review = await startReviewProgram(createAlbum(), ['--model', './nowhere'], {
      FLOCAP_HOME: home,
    })
    await ask(review, 'pictures')
    for (const _ of [1, 2]) {
      const { answer } = await ask(review, 'again', { name: 'a.png', task: 'caption' })
      expect(answer).toMatchObject({ error: { code: 'model_not_found' } })
    }
  })

  it('tells of another review of the folder, and of captions that it does not edit', async () => {
    const album = createAlbum()
    writeFileSync(join(album, 'captions.jsonl'), '')
    const first = await startReviewProgram(album)
    const second = await startReviewProgram(album)
    expect((await ask(second, 'pictures')).answer).toMatchObject({
      notes: [
        expect.stringContaining(`process ${first.pid}`),
        expect.stringContaining('captions.jsonl'),
      ],
    })
    const before = { name: 'a.png', before: null }
    await ask(first, 'pictures')
    await ask(first, 'captions', { changes: [{ ...before, after: 'of the first' }] })
    expect(
      await ask(second, 'captions', { changes: [{ ...before, after: 'of the second' }] }),
    ).toMatchObject({ status: 409 })
    expect(readFileSync(join(album, 'a.txt'), 'utf8')).toBe('of the first\n')
  })

  it.skipIf(!HAS_SMALL_DISKS)(
    `reads a folder on a read-only disk, and says so${HAS_SMALL_DISKS ? '' : ' (skipped: no such disk can be made here)'}`,
    async () => {
      const disk = mountSmallDisk('size=4m')!
      try {
        copyFileSync(samplePath('scene-00.png'), join(disk.path, 'a.png'))
        writeFileSync(join(disk.path, 'a.txt'), 'a house\n')
        disk.remount('ro')
        const review = await startReviewProgram(disk.path)
        expect((await ask(review, 'pictures')).answer).toMatchObject({
          notes: [expect.stringContaining('cannot be written to')],
          pictures: [{ caption: 'a house', lock: 'open' }],
        })
        const changes = [{ name: 'a.png', before: 'a house', after: 'mine' }]
        expect((await ask(review, 'captions', { changes })).answer).toMatchObject({
          error: { code: 'disk_full', message: expect.stringContaining('read-only') },
        })
        expect((await ask(review, 'locks', { names: ['a.png'], locked: true })).status).not.toBe(
          200,
        )
      } finally {
        disk.remove()
      }
    },
  )

  it.runIf(process.platform === 'linux')(
    'decodes pictures in a process that it can lose, and a changed one again',
    async () => {
      const album = createAlbum()
      const review = await startReviewProgram(album)
      const get = async (name: string) => {
        const response = await fetch(`${review.url}api/preview?name=${name}`, {
          headers: { authorization: `Bearer ${review.secret}` },
        })
        return { status: response.status, file: Buffer.from(await response.arrayBuffer()) }
      }
      const first = await get('a.png')
      const [drawing] = childrenOf(review.pid)
      process.kill(drawing!, 'SIGKILL')
      expect(await get('b.png')).toMatchObject({ status: 200 })
      expect(childrenOf(review.pid)).not.toContain(drawing)
      copyFileSync(samplePath('scene-07.png'), join(album, 'a.png'))
      const changed = await get('a.png')
      expect(changed.status).toBe(200)
      expect(changed.file).not.toEqual(first.file)
    },
  )

  it('lets in nobody without the secret, and no page of others', async () => {
    const review = await startReviewProgram(createAlbum())
    const knock = async (headers: Record<string, string>) =>
      (await fetch(`${review.url}api/pictures`, { headers })).status
    const authorization = `Bearer ${review.secret}`
    expect(review.secret.length).toBeGreaterThanOrEqual(32)
    expect(await knock({})).toBe(401)
    expect(await knock({ authorization: 'Bearer guessed' })).toBe(401)
    expect(await knock({ authorization, origin: 'https://example.com' })).toBe(403)
    expect(await knock({ authorization })).toBe(200)
    const page = await fetch(review.url)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await page.text()).toContain('Review')
  })

  it('says what is wrong with a folder or a port', async () => {
    const empty = await runProgram(['review', temporaryFolder()])
    expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining('--recursive')])
    const missing = await runProgram(['review', join(home, 'nowhere')])
    expect(missing.code).toBe(1)
    const port = await runProgram(['review', createAlbum(), '--port', 'many'])
    expect(port.stderr).toContain('got "many"')
  })
})
