import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HAS_FIFOS, makeFifo } from '../../../test/support/make-fifo.ts'
import { readSample } from '../../../test/support/samples.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { recognisePicture } from '../../app/picture-kind.ts'
import { openReview } from './open-review.ts'

const PNG = readSample('scene-00.png')

/** Pictures with captions beside them, as another tool would have left them. */
async function openAlbum(captions: Readonly<Record<string, string | undefined>>, ending = 'txt') {
  const folder = temporaryFolder()
  for (const [stem, caption] of Object.entries(captions)) {
    writeFileSync(join(folder, `${stem}.png`), PNG)
    if (caption !== undefined) writeFileSync(join(folder, `${stem}.${ending}`), caption)
  }
  const review = await openReview({ folder, recursive: true, recognise: recognisePicture })
  const pictures = await review.list()
  return { folder, review, pictures }
}

const read = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8')

describe('a folder that another tool has captioned', () => {
  it('is listed with its captions, and those that are missing', async () => {
    const { pictures } = await openAlbum({ a: '\uFEFFa dog\n', b: undefined, c: ' \n' })
    expect(pictures.map(({ caption, edited, lock }) => [caption, edited, lock])).toEqual([
      ['a dog', false, 'open'],
      [null, false, 'open'],
      [null, false, 'open'],
    ])
  })

  it('is edited in its own form: one line, UTF-8, LF', async () => {
    const { folder, review } = await openAlbum({ a: 'a dog', b: undefined }, 'caption')
    const { saved } = await review.save([
      { name: 'a.png', before: 'a dog', after: ' ein Hündchen\r\nauf der Wiese ' },
      { name: 'b.png', before: null, after: 'new' },
    ])
    expect(saved.map(({ caption, edited }) => [caption, edited])).toEqual([
      ['ein Hündchen auf der Wiese', true],
      ['new', true],
    ])
    expect(read(folder, 'a.caption')).toBe('ein Hündchen auf der Wiese\n')
    expect(read(folder, 'b.caption')).toBe('new\n')
  })

  it('keeps several lines where a file has them on purpose', async () => {
    const { folder, review } = await openAlbum({ a: 'one\ntwo' })
    await review.save([{ name: 'a.png', before: 'one\ntwo', after: 'one\nthree' }])
    expect(read(folder, 'a.txt')).toBe('one\nthree\n')
  })

  it('loses the file of a caption that is deleted, and is as before when that is undone', async () => {
    const { folder, review } = await openAlbum({ a: 'a dog\n' })
    await review.save([{ name: 'a.png', before: 'a dog', after: null }])
    expect(existsSync(join(folder, 'a.txt'))).toBe(false)
    const { saved } = await review.save([{ name: 'a.png', before: null, after: 'a dog' }])
    expect(saved[0]).toMatchObject({ caption: 'a dog', edited: false })
  })
})

it('knows what the journal says of a picture that was renamed, not of one in its place', async () => {
  const { folder, review } = await openAlbum({ a: 'a dog' })
  const { size, mtimeMs } = statSync(join(folder, 'a.png'))
  mkdirSync(join(folder, '.flocap'))
  const entry = {
    type: 'picture',
    name: 'a.png',
    sha256: createHash('sha256').update(PNG).digest('hex'),
    size,
    mtimeMs,
    asked: ['key'],
    run: 'run',
    time: '',
    answered: {
      width: 1,
      height: 1,
      answers: [
        { task: 'caption', text: 'a dog', data: { kind: 'text', text: 'a dog' }, confidence: 0.5 },
      ],
    },
    files: {},
  }
  writeFileSync(join(folder, '.flocap', 'journal.jsonl'), `${JSON.stringify(entry)}\n`)
  const facts = async () => (await review.list()).map(({ name, confidence }) => [name, confidence])
  expect(await facts()).toEqual([['a.png', 0.5]])
  renameSync(join(folder, 'a.png'), join(folder, 'b.png'))
  writeFileSync(join(folder, 'a.png'), readSample('scene-02.png'))
  expect(await facts()).toEqual([
    ['a.png', null],
    ['b.png', 0.5],
  ])
})

/** Devices of Windows, whatever their ending, and what no name there may have. */
const NOT_ON_WINDOWS = ['CON', 'nul', 'a:b', 'what?', '"quoted"']

it('lists and edits pictures whatever their names', async () => {
  const everywhere = ['a#b%20c', "it's (1)", 'ünïcödé 猫', ' lead', 'a.b.c', 'x'.repeat(200)]
  const stems = [...everywhere, ...(process.platform === 'win32' ? [] : NOT_ON_WINDOWS)]
  const { folder, review } = await openAlbum(Object.fromEntries(stems.map((stem) => [stem, 'old'])))
  const pictures = await review.list()
  expect(pictures).toHaveLength(stems.length)
  const { saved, failed } = await review.save(
    pictures.map(({ name, caption }) => ({ name, before: caption, after: `new ${name}` })),
  )
  expect([saved.length, failed]).toEqual([stems.length, []])
  for (const { name, file } of pictures) expect(read(folder, file)).toBe(`new ${name}\n`)
})

it('leaves out a picture that goes away, and still lists the others', async () => {
  const { folder, review } = await openAlbum({ a: 'a dog', b: 'a cat' })
  rmSync(join(folder, 'a.png'))
  expect((await review.list()).map(({ name }) => name)).toEqual(['b.png'])
})

it('never overwrites what was changed meanwhile, and saves the rest', async () => {
  const { folder, review } = await openAlbum({ a: 'a dog', b: 'a cat' })
  writeFileSync(join(folder, 'a.txt'), 'from elsewhere')
  const { saved, conflicts } = await review.save([
    { name: 'a.png', before: 'a dog', after: 'mine' },
    { name: 'b.png', before: 'a cat', after: 'also mine' },
  ])
  expect(conflicts).toEqual([{ name: 'a.png', theirs: 'from elsewhere' }])
  expect(saved.map(({ name }) => name)).toEqual(['b.png'])
  expect(read(folder, 'a.txt')).toBe('from elsewhere')
})

it('leaves alone what is no caption of one picture, and says why', async () => {
  const { folder, review } = await openAlbum({ a: 'x', b: 'x', c: 'x', d: undefined })
  writeFileSync(join(folder, 'a.txt'), Buffer.from([0x66, 0xfc, 0x72]))
  writeFileSync(join(folder, 'b.txt'), 'x'.repeat(100_000))
  writeFileSync(join(folder, 'c.jpg'), PNG)
  const secret = join(temporaryFolder(), 'secret')
  writeFileSync(secret, 'secret')
  symlinkSync(secret, join(folder, 'd.txt'))
  const pictures = await review.list()
  expect(pictures.map(({ name, readOnly }) => [name, readOnly])).toEqual([
    ['a.png', expect.stringContaining('not UTF-8')],
    ['b.png', expect.stringContaining('longer than')],
    ['c.jpg', expect.stringContaining('c.png')],
    ['c.png', expect.stringContaining('c.jpg')],
    ['d.png', expect.stringContaining('symbolic link')],
  ])
  const { failed } = await review.save(
    pictures.map(({ name, caption: before }) => ({ name, before, after: 'mine' })),
  )
  expect(failed).toHaveLength(5)
  expect(readFileSync(secret, 'utf8')).toBe('secret')
})

it.skipIf(!HAS_FIFOS)('shows all others where a caption is a folder or a FIFO', async () => {
  const { folder, review } = await openAlbum({ a: 'A man.', b: 'b', c: 'c' })
  rmSync(join(folder, 'b.txt'))
  mkdirSync(join(folder, 'b.txt'))
  rmSync(join(folder, 'c.txt'))
  makeFifo(join(folder, 'c.txt'))
  const pictures = await review.list()
  expect(pictures.map(({ caption, readOnly }) => [caption, readOnly])).toEqual([
    ['A man.', null],
    [null, 'b.txt is left alone: it is a folder.'],
    [null, 'c.txt is left alone: it is a FIFO.'],
  ])
})

describe('find and replace', () => {
  it('shows what it would change, and writes nothing', async () => {
    const { folder, review } = await openAlbum({ a: 'A man  runs.', b: 'A  cat.', c: 'A man.' })
    await review.lock(['c.png'], true)
    const names = ['a.png', 'b.png', 'c.png']
    const plain = await review.replace(names, { from: 'man', to: 'person', regex: false })
    expect(plain).toEqual([{ name: 'a.png', before: 'A man  runs.', after: 'A person runs.' }])
    expect(read(folder, 'a.txt')).toBe('A man  runs.')
    const regex = await review.replace(names, { from: '^A (\\w+)', to: 'The $1', regex: true })
    expect(regex.map(({ after }) => after)).toEqual(['The man runs.'])
  })

  it('refuses an expression that is none', async () => {
    const { review } = await openAlbum({ a: 'x' })
    await expect(
      review.replace(['a.png'], { from: '(', to: '', regex: true }),
    ).rejects.toMatchObject({
      code: 'invalid_request',
      subject: 'from',
      message: expect.not.stringContaining('--'),
    })
  })
})

describe('a step of many changes', () => {
  const changes = [
    { name: 'a.png', before: 'a dog', after: 'a cat' },
    { name: 'b.png', before: null, after: 'new' },
    { name: 'c.png', before: 'gone soon', after: null },
  ]
  const openThree = async () => openAlbum({ a: 'a dog', b: undefined, c: 'gone soon' })

  it('can be taken back by a later review, as far as nobody has changed it since', async () => {
    const { folder, review } = await openThree()
    expect(await review.undoable()).toEqual({ time: null, changes: [] })
    for (const change of changes) await review.save([change], 'step')
    writeFileSync(join(folder, 'a.txt'), 'from elsewhere')
    const later = await openReview({ folder, recursive: true, recognise: recognisePicture })
    await later.list()
    const { changes: back } = await later.undoable()
    expect(back).toEqual([
      { name: 'b.png', before: 'new', after: null },
      { name: 'c.png', before: null, after: 'gone soon' },
    ])
    await later.save(back)
    expect(existsSync(join(folder, 'b.txt'))).toBe(false)
    expect(read(folder, 'c.txt')).toBe('gone soon\n')
    expect((await later.undoable()).changes).toEqual([])
  })

  it('changes nothing when it cannot be put on record first', async () => {
    const { folder, review } = await openThree()
    mkdirSync(join(folder, '.flocap', 'review-undo.jsonl'), { recursive: true })
    await expect(review.save(changes, 'step')).rejects.toMatchObject({ code: 'file_not_written' })
    expect([read(folder, 'a.txt'), existsSync(join(folder, 'b.txt'))]).toEqual(['a dog', false])
  })

  it('has one change for each picture', async () => {
    const { folder, review } = await openThree()
    const [first] = changes
    await expect(review.save([first!, { ...first!, after: 'x' }])).rejects.toThrow('got two')
    expect(read(folder, 'a.txt')).toBe('a dog')
  })
})

it('knows pictures of its list only', async () => {
  const { folder, review } = await openAlbum({ a: 'x' })
  mkdirSync(join(folder, 'inner'))
  for (const name of ['../a.png', 'a.txt', '/etc/passwd', '']) {
    expect(() => review.find(name)).toThrow('no such picture')
  }
})
