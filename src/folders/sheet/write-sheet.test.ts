import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DOMParser } from '@xmldom/xmldom'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { FlocapError } from '../../base/errors.ts'
import type { Answer } from '../ask/answer-questions.ts'
import { pictureOnDisk } from '../inputs/picture-file.ts'
import type { Outcome } from '../run/outcome.ts'
import { type SheetOptions, writeSheet } from './write-sheet.ts'

const EVIL = `<script>alert("1")</script>'&\u0000`

function pictureOf(folder: string, name: string) {
  const path = join(folder, name)
  writeFileSync(path, name)
  return pictureOnDisk(path, { label: path, name, output: folder })
}

function answerOf(text: string, confidence: number, more: Partial<Answer> = {}): Answer {
  return { task: 'caption', text, confidence, data: { kind: 'text', text }, ...more }
}

function captioned(
  picture: Outcome['picture'],
  answers: readonly Answer[],
): Extract<Outcome, { kind: 'captioned' }> {
  const captions = answers.slice(0, 1).map(({ text }) => text)
  const content = { picture, width: 400, height: 300, answers, captions }
  return { kind: 'captioned', picture, captioned: content, isKnown: false, kept: [] }
}

async function sheetOf(
  outcomes: readonly Outcome[],
  options: Partial<SheetOptions> & { readonly path: string },
): Promise<string> {
  await writeSheet(
    {
      total: outcomes.length,
      captionFileOf: () => undefined,
      drawThumbnail: async (picture) => Buffer.from(`webp ${Buffer.from(picture).toString()}`),
      ...options,
    },
    async (sheet) => {
      for (const outcome of outcomes) await sheet.add(outcome)
    },
    () => `captioned <${outcomes.length}>`,
  )
  return readFileSync(options.path, 'utf8')
}

const cardsOf = (page: string): readonly string[] =>
  page.match(/<article[\s\S]*?<\/article>/g) ?? []

describe('writeSheet', () => {
  it('shows pictures, captions, what was found and how sure the model was', async () => {
    const folder = temporaryFolder()
    const found = answerOf('dog', 0.5, {
      task: 'od',
      data: { kind: 'boxes', boxes: [{ label: 'dog', box: [10, 20, 90, 80], score: 0.432 }] },
    })
    const path = join(folder, 'sheet.html')
    const page = await sheetOf(
      [captioned(pictureOf(folder, 'a.png'), [answerOf('A dog.', 0.9), found])],
      { path },
    )
    const [card = ''] = cardsOf(page)
    expect(card).toContain('data-sure="0.5"')
    expect(card).toContain('<p>A dog.</p>')
    expect(card).toContain('dog 43%')
    expect(card).toContain('viewBox="0 0 400 300"')
    expect(card).toContain(Buffer.from('webp a.png').toString('base64'))
    expect(page).toContain('captioned &lt;1&gt;')
  })

  it('lets nothing of a name or an answer become markup, and asks for nothing', async () => {
    const folder = temporaryFolder()
    const picture = { ...pictureOf(folder, 'a.png'), label: EVIL }
    const quad = [1, 2, 3, 2, 3, 4, 1, 4] as const
    const found = answerOf(EVIL, 0.5, {
      task: EVIL,
      data: { kind: 'quads', quads: [{ label: EVIL, quad }] },
    })
    const error = new FlocapError('invalid_image', EVIL)
    const page = await sheetOf(
      [captioned(picture, [answerOf(EVIL, 0.9), found]), { kind: 'failed', picture, error }],
      {
        path: join(folder, 'sheet.html'),
        drawThumbnail: async () => {
          throw error
        },
      },
    )
    expect(page.match(/<script/g)).toHaveLength(1)
    expect(page).not.toContain('\u0000')
    expect(page).not.toMatch(/(?:src|href)="(?!data:image\/webp)/)
    expect(page).not.toMatch(/url\(|@import|https?:\/\/(?!www\.w3\.org\/2000\/svg")/)
    expect(page).toContain(
      "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-",
    )
    // Every card is well-formed by itself: nothing ends an element that it did not begin.
    for (const card of cardsOf(page)) {
      const xml = card.replaceAll(/<img ([^>]*)>/g, '<img $1/>')
      expect(() => new DOMParser().parseFromString(xml, 'text/xml')).not.toThrow()
    }
  })

  it('shows kept captions as they are, and those of earlier runs from the journal', async () => {
    const folder = temporaryFolder()
    const [one, two] = [pictureOf(folder, 'a.png'), pictureOf(folder, 'b.png')]
    const file = join(folder, 'a.txt')
    writeFileSync(file, 'my own words\n')
    const known = captioned(two, [answerOf('A cat.', 0.7)]).captioned
    const recall = async () => known
    const page = await sheetOf(
      [
        { kind: 'skipped', picture: one, skip: { kind: 'skip', reason: 'edited', file }, recall },
        { kind: 'skipped', picture: two, skip: { kind: 'skip', reason: 'done' }, recall },
      ],
      {
        path: join(folder, 'sheet.html'),
        captionFileOf: ({ path }) => path?.replace('.png', '.txt'),
      },
    )
    const [edited, done] = cardsOf(page)
    expect(edited).toContain('<p>my own words</p>')
    expect(edited).toContain('was edited after it was written')
    expect(done).toContain('<p>A cat.</p>')
    expect(done).not.toContain('Kept')
  })

  it('says where pictures are left away because the page would be too large', async () => {
    const folder = temporaryFolder()
    const picture = pictureOf(folder, 'a.png')
    let drawn = 0
    const page = await sheetOf(
      [1, 2, 3].map(() => captioned(picture, [answerOf('A dog.', 0.9)])),
      {
        path: join(folder, 'sheet.html'),
        maxThumbnailBytes: 2_000_000,
        async drawThumbnail() {
          drawn += 1
          return new Uint8Array(1_000_000)
        },
      },
    )
    expect(drawn).toBe(2)
    expect(cardsOf(page).at(-1)).toContain(
      'Not shown: the pictures of this page take 2.00 MB already.',
    )
  })

  it('leaves the old page and nothing else when the run fails', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'sheet.html')
    writeFileSync(path, 'old')
    const picture = pictureOf(folder, 'a.png')
    const run = writeSheet(
      { path, total: 2, captionFileOf: () => undefined, drawThumbnail: async () => Buffer.of(1) },
      async (sheet) => {
        await sheet.add(captioned(picture, [answerOf('A dog.', 0.9)]))
        throw new FlocapError('disk_full', 'The disk is full.')
      },
      () => '',
    )
    await expect(run).rejects.toThrow('The disk is full.')
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(folder).toSorted()).toEqual(['a.png', 'sheet.html'])
  })
})
