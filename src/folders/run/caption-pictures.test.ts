import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { lockPicture } from '../../../test/support/lock-picture.ts'
import { createFakeCaptioner } from '../../../test/support/fake-captioner.ts'
import { readSample } from '../../../test/support/samples.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { recognisePicture } from '../../app/picture-kind.ts'
import { FlocapError } from '../../base/errors.ts'
import type { CaptionTasksRequest, TasksCaptioner } from '../../caption/captioner.ts'
import { createTasksCaptioner } from '../../caption/tasks-captioner.ts'
import { compileTextRules } from '../../caption/rules/text-rules.ts'
import { parseQuestions } from '../ask/questions.ts'
import type { ExifTool } from '../embed/exiftool.ts'
import { createFormats, type FormatId } from '../formats/create-formats.ts'
import { createEmbedFormat } from '../formats/embed.ts'
import { findPictures } from '../inputs/find-pictures.ts'
import { openDecisions } from '../review/decisions.ts'
import { captionPictures, type RunOptions } from './caption-pictures.ts'
import type { Outcome } from './outcome.ts'
import { createTally, renderTally } from './tally.ts'

const PNG = readSample('scene-00.png')

/** Pictures of different bytes: the sample with its number behind it, which no decoder reads. */
function createAlbum(count: number): string {
  const folder = temporaryFolder()
  for (let index = 0; index < count; index += 1) writePicture(folder, nameOf(index), `${index}`)
  return folder
}

function nameOf(index: number): string {
  return `p${String(index).padStart(4, '0')}.png`
}

function writePicture(folder: string, name: string, tail: string): void {
  writeFileSync(join(folder, name), Buffer.concat([PNG, Buffer.from(tail)]))
}

/** Answers with the text behind the picture, after `delay` of it. */
function createTailCaptioner(delay: (tail: string) => number = () => 0) {
  const asked: string[] = []
  let running = 0
  let most = 0
  const fake = createFakeCaptioner()
  const captioner = createTasksCaptioner(
    () => fake.model,
    async (request: CaptionTasksRequest) => {
      const tail = Buffer.from(request.picture).subarray(PNG.byteLength).toString()
      asked.push(...request.tasks.map(({ task }) => `${tail} ${task}`))
      running += 1
      most = Math.max(most, running)
      await sleep(delay(tail))
      running -= 1
      if (tail === 'bad') throw new FlocapError('invalid_image', 'The image is damaged.')
      // As the port says: one empty answer fails the whole request.
      if (tail === 'mute' && request.tasks.some(({ task }) => task === 'more_detailed_caption')) {
        throw new FlocapError('empty_answer', 'Expected text, got an empty answer.')
      }
      const results = await fake.captionTasks(request)
      const text = tail === 'nothing' ? '' : `caption ${tail}\nof two lines`
      return results.map((result) => ({
        ...result,
        text: text === '' ? 'No answer.' : text,
        data: { kind: 'text' as const, text },
      }))
    },
  )
  return {
    captioner,
    asked,
    get most() {
      return most
    },
  }
}

/** Puts the description behind the picture, in `<>`, and finds it there. */
const FAKE_EXIFTOOL: ExifTool = {
  async read(picture) {
    const [, description] = /<(.*)>$/.exec(Buffer.from(picture).toString('latin1')) ?? []
    return { ...(description === undefined ? {} : { description }), tags: [] }
  },
  write: async (picture, { description = '' }) =>
    Buffer.concat([picture, Buffer.from(`<${description}>`)]),
}

const FAKE_MODEL = { modelId: 'fake', identify: async () => 'fingerprint of fake' }

interface Settings extends Partial<RunOptions> {
  readonly ids?: readonly FormatId[]
  readonly task?: string
  readonly out?: string
}

async function run(
  folder: string,
  captioner: TasksCaptioner,
  { ids = ['txt'], task = 'caption', out, ...options }: Settings = {},
): Promise<readonly Outcome[]> {
  const questions = parseQuestions({ task })
  const found = await findPictures([folder], { recursive: true, recognise: recognisePicture, out })
  const outcomes: Outcome[] = []
  const formats = createFormats(ids, {
    questions,
    naming: 'stem',
    xmpNaming: 'full',
    lines: false,
    appends: options.mode === 'append',
    areTags: false,
    column: 'text',
  })
  for await (const outcome of captionPictures({
    pictures: found.pictures,
    formats,
    questions,
    rules: [],
    minScore: 0,
    mode: 'skip',
    jobs: 4,
    source: { ...FAKE_MODEL, start: async () => captioner },
    keepsJournal: true,
    optionsKey: '',
    ...options,
  })) {
    outcomes.push(outcome)
  }
  return outcomes
}

const kinds = (outcomes: readonly Outcome[]) => outcomes.map(({ kind }) => kind)

function filesOf(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:txt|caption|json|jsonl|csv)$/.test(name) && !name.includes('.flocap'))
      .toSorted()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  )
}

describe('captionPictures', () => {
  it('works on several at once, and gives results in the order of the files', async () => {
    const folder = createAlbum(24)
    const fake = createTailCaptioner((tail) => (Number(tail) % 5) * 3)
    const outcomes = await run(folder, fake.captioner)
    expect(outcomes.map(({ picture }) => picture.name)).toEqual(
      Array.from({ length: 24 }, (_, index) => nameOf(index)),
    )
    expect(fake.most).toBe(4)
    expect(readFileSync(join(folder, 'p0007.txt'), 'utf8')).toBe('caption 7 of two lines\n')
  })

  it('does not run ahead of a picture that takes long', async () => {
    const folder = createAlbum(60)
    const fake = createTailCaptioner((tail) => (tail === '0' ? 200 : 0))
    const stream = run(folder, fake.captioner, { jobs: 2 })
    await sleep(100)
    expect(fake.asked.length).toBeLessThanOrEqual(2 * 4 + 2)
    expect(await stream).toHaveLength(60)
  })

  it('asks nothing twice, and starts no model for nothing', async () => {
    const folder = createAlbum(3)
    const fake = createTailCaptioner()
    await run(folder, fake.captioner)
    const start = async (): Promise<never> => {
      throw new Error('no model is needed')
    }
    const again = await run(folder, fake.captioner, { source: { ...FAKE_MODEL, start } })
    expect(again).toMatchObject([1, 2, 3].map(() => ({ skip: { reason: 'done' } })))
  })

  it('keeps and names edited captions and files of others; blank ones count as missing', async () => {
    const folder = createAlbum(4)
    writeFileSync(join(folder, 'p0000.txt'), 'my own notes')
    writeFileSync(join(folder, 'p0001.txt'), ' \n')
    const { captioner } = createTailCaptioner()
    expect(await run(folder, captioner)).toMatchObject([
      { kind: 'skipped', skip: { reason: 'captioned', file: join(folder, 'p0000.txt') } },
      { kind: 'captioned' },
      { kind: 'captioned' },
      { kind: 'captioned' },
    ])
    writeFileSync(join(folder, 'p0002.txt'), 'better words')
    rmSync(join(folder, 'p0003.txt'))
    expect(await run(folder, captioner)).toMatchObject([
      { skip: { reason: 'captioned' } },
      { skip: { reason: 'done' } },
      { skip: { reason: 'edited', file: join(folder, 'p0002.txt') } },
      { kind: 'captioned', isKnown: true },
    ])
    expect(filesOf(folder)).toMatchObject({
      'p0000.txt': 'my own notes',
      'p0002.txt': 'better words',
      'p0003.txt': 'caption 3 of two lines\n',
    })
  })

  it('knows a renamed picture by its bytes, and asks anew about a changed one', async () => {
    const folder = createAlbum(2)
    const fake = createTailCaptioner()
    await run(folder, fake.captioner)
    renameSync(join(folder, 'p0000.png'), join(folder, 'renamed.png'))
    rmSync(join(folder, 'p0001.txt'))
    writePicture(folder, 'p0001.png', 'x')
    fake.asked.length = 0
    await run(folder, fake.captioner)
    expect(fake.asked).toEqual(['x caption'])
    expect(filesOf(folder)).toMatchObject({
      'renamed.txt': 'caption 0 of two lines\n',
      'p0001.txt': 'caption x of two lines\n',
    })
  })

  it('writes nothing for an empty answer, and says so', async () => {
    const folder = createAlbum(1)
    writePicture(folder, 'q.png', 'nothing')
    const { captioner } = createTailCaptioner()
    const ids: readonly FormatId[] = ['txt', 'json', 'hf']
    expect(kinds(await run(folder, captioner, { ids: ids.slice(0, 1) }))).toEqual([
      'captioned',
      'empty',
    ])
    expect(Object.keys(filesOf(folder))).toEqual(['p0000.txt'])
  })

  it('writes the other answers where one is empty, says which, and asks neither again', async () => {
    const folder = createAlbum(1)
    writePicture(folder, 'q.png', 'mute')
    const fake = createTailCaptioner()
    const task = 'caption,more_detailed_caption,detailed_caption'
    const ids: readonly FormatId[] = ['json', 'jsonl', 'csv', 'hf', 'kohya', 'xmp']
    const outcomes = await run(folder, fake.captioner, { ids, task })
    const tally = createTally()
    for (const outcome of outcomes) tally.add(outcome)
    const report = tally.report(2)
    expect(report).toMatchObject({
      captioned: 2,
      emptyAnswers: [{ file: join(folder, 'q.png'), task: 'more_detailed_caption' }],
    })
    expect(renderTally(report)).toBe('captioned 2, empty answers 1')
    const files = filesOf(folder)
    expect(JSON.parse(files['q.json'] ?? '')).toMatchObject({
      caption: 'caption mute of two lines',
      answers: [{ task: 'caption' }, { text: '', empty: true }, { task: 'detailed_caption' }],
    })
    expect(files['captions.csv']).toMatch(
      /^q\.png,caption mute of two lines,,caption mute of two lines,\d+,\d+$/m,
    )
    expect(files['captions.jsonl']).toContain('"empty":true')
    expect(files['metadata.jsonl']).toContain('"q.png","text":"caption mute')
    expect(files['meta_cap.json']).toContain('"q": {"caption":"caption mute')
    expect(readFileSync(join(folder, 'q.png.xmp'), 'utf8')).toContain('caption mute')
    fake.asked.length = 0
    expect(await run(folder, fake.captioner, { ids, task })).toMatchObject([
      { skip: { reason: 'done' } },
      { skip: { reason: 'done' } },
    ])
    expect(fake.asked).toEqual([])
  })

  it('counts a picture as without an answer when every answer is empty', async () => {
    const folder = temporaryFolder()
    writePicture(folder, 'q.png', 'mute')
    const { captioner } = createTailCaptioner()
    const task = 'more_detailed_caption'
    expect(kinds(await run(folder, captioner, { task }))).toEqual(['empty'])
    expect(filesOf(folder)).toEqual({})
  })

  it('goes on after a picture that fails', async () => {
    const folder = createAlbum(2)
    writePicture(folder, 'p0000a.png', 'bad')
    const { captioner } = createTailCaptioner()
    expect(kinds(await run(folder, captioner))).toEqual(['captioned', 'failed', 'captioned'])
  })

  it('writes one object a picture, and a row of each common file', async () => {
    const folder = createAlbum(2)
    const { captioner } = createTailCaptioner()
    const ids: readonly FormatId[] = ['json', 'jsonl', 'hf', 'csv', 'kohya']
    await run(folder, captioner, { ids, task: 'caption,detailed_caption' })
    const files = filesOf(folder)
    expect(JSON.parse(files['p0000.json'] ?? '')).toMatchObject({
      file: 'p0000.png',
      width: expect.any(Number),
      caption: 'caption 0 of two lines',
      answers: [{ task: 'caption' }, { task: 'detailed_caption' }],
    })
    expect(files['captions.jsonl']?.trim().split('\n')).toHaveLength(2)
    expect(files['metadata.jsonl']).toBe(
      '{"file_name":"p0000.png","text":"caption 0 of two lines"}\n' +
        '{"file_name":"p0001.png","text":"caption 1 of two lines"}\n',
    )
    expect(files['captions.csv']?.split('\n')[0]).toBe('file,caption,detailed_caption,width,height')
    expect(JSON.parse(files['meta_cap.json'] ?? '')).toEqual({
      p0000: { caption: 'caption 0 of two lines' },
      p0001: { caption: 'caption 1 of two lines' },
    })
  })

  it('marks in captions.csv what a spreadsheet would compute, and knows such names again', async () => {
    const folder = temporaryFolder()
    for (const name of ['=1+1.png', "'x.png", 'a,"b"\nc.png']) writePicture(folder, name, name)
    const fake = createTailCaptioner()
    const rules = compileTextRules({ prefix: '=HYPERLINK("http://x"),' })
    const options: Settings = { ids: ['csv'], rules }
    await run(folder, fake.captioner, options)
    const csv = filesOf(folder)['captions.csv'] ?? ''
    const cells: string[][] = parse(csv)
    expect(cells.map(([name]) => name)).toEqual(['file', "'x.png", "'=1+1.png", 'a,"b"\nc.png'])
    const captions = cells.slice(1).map(([, caption]) => caption)
    expect(captions.every((caption) => caption?.startsWith("'=HYPERLINK("))).toBe(true)
    fake.asked.length = 0
    expect(await run(folder, fake.captioner, options)).toMatchObject(
      [1, 2, 3].map(() => ({ skip: { reason: 'done' } })),
    )
    expect(filesOf(folder)['captions.csv']).toBe(csv)
  })

  it('merges common files: rows and columns of others stay', async () => {
    const folder = createAlbum(2)
    writeFileSync(
      join(folder, 'metadata.jsonl'),
      '{"file_name":"else.png","text":"theirs"}\n{"file_name":"p0000.png","licence":"CC0"}\n',
    )
    writeFileSync(join(folder, 'meta_cap.json'), '{"p0001": {"tags": "a, b"}}')
    const { captioner } = createTailCaptioner()
    await run(folder, captioner, { ids: ['hf', 'kohya'] })
    const files = filesOf(folder)
    expect(
      files['metadata.jsonl']
        ?.trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual([
      { file_name: 'else.png', text: 'theirs' },
      { file_name: 'p0000.png', licence: 'CC0', text: 'caption 0 of two lines' },
      { file_name: 'p0001.png', text: 'caption 1 of two lines' },
    ])
    expect(JSON.parse(files['meta_cap.json'] ?? '')).toMatchObject({
      p0001: { tags: 'a, b', caption: 'caption 1 of two lines' },
    })
  })

  it('adds to what is there once, however often it runs', async () => {
    const folder = createAlbum(1)
    writeFileSync(join(folder, 'p0000.txt'), 'ohwx man\n')
    const { captioner } = createTailCaptioner()
    await run(folder, captioner, { mode: 'append' })
    await run(folder, captioner, { mode: 'append' })
    expect(filesOf(folder)).toEqual({ 'p0000.txt': 'ohwx man caption 0 of two lines\n' })
    await run(folder, captioner, { mode: 'append', task: 'detailed_caption' })
    expect(filesOf(folder)['p0000.txt']).toBe(
      'ohwx man caption 0 of two lines caption 0 of two lines\n',
    )
  })

  it('asks only what was not asked before', async () => {
    const folder = createAlbum(2)
    const fake = createTailCaptioner()
    await run(folder, fake.captioner, { ids: ['json'] })
    fake.asked.length = 0
    await run(folder, fake.captioner, {
      ids: ['json'],
      task: 'caption,detailed_caption',
      mode: 'only-missing-task',
    })
    expect(fake.asked.toSorted()).toEqual(['0 detailed_caption', '1 detailed_caption'])
    expect(JSON.parse(filesOf(folder)['p0001.json'] ?? '')).toMatchObject({
      answers: [{ task: 'caption' }, { task: 'detailed_caption' }],
    })
  })

  it('stops in order, and an interrupted overwriting goes on where it was', async () => {
    const folder = createAlbum(12)
    const fake = createTailCaptioner()
    await run(folder, fake.captioner)
    fake.asked.length = 0
    const stop = new AbortController()
    const slow = createTailCaptioner((tail) => {
      if (tail === '5') stop.abort()
      return 1
    })
    const settings = { mode: 'overwrite', jobs: 2 } as const
    const stopped = await run(folder, slow.captioner, { ...settings, signal: stop.signal })
    expect(stopped.length).toBeGreaterThanOrEqual(6)
    expect(stopped.length).toBeLessThan(12)
    const rest = await run(folder, fake.captioner, settings)
    expect(fake.asked).toHaveLength(12 - stopped.length)
    expect(rest).toHaveLength(12)
    expect(filesOf(folder)['p0011.txt']).toBe('caption 11 of two lines\n')
    // A finished one begins anew.
    await run(folder, fake.captioner, settings)
    expect(fake.asked).toHaveLength(12 - stopped.length + 12)
  })

  it('applies the text rules, and fails a picture of which they leave nothing', async () => {
    const folder = createAlbum(2)
    const { captioner } = createTailCaptioner()
    const rules = compileTextRules({ replaceRegex: [{ from: '^caption 1.*', to: '' }] })
    const outcomes = await run(folder, captioner, { rules })
    expect(outcomes).toMatchObject([{ kind: 'captioned' }, { error: { code: 'empty_caption' } }])
    expect(Object.keys(filesOf(folder))).toEqual(['p0000.txt'])
  })

  it('recovers from half a line of the journal', async () => {
    const folder = createAlbum(3)
    const fake = createTailCaptioner()
    await run(folder, fake.captioner)
    const journal = join(folder, '.flocap', 'journal.jsonl')
    const lines = readFileSync(journal, 'utf8').split('\n')
    // As killed in the third picture: its line cut, its file not there.
    writeFileSync(journal, `${lines.slice(0, 3).join('\n')}\n${lines[3]?.slice(0, 40)}`)
    rmSync(join(folder, 'p0002.txt'))
    fake.asked.length = 0
    await run(folder, fake.captioner)
    expect(fake.asked).toEqual(['2 caption'])
    const entries = readFileSync(journal, 'utf8').trim().split('\n')
    expect(entries.map((line): unknown => JSON.parse(line))).toHaveLength(5)
  })

  it('asks nothing again about a picture that holds its caption, wherever the run was killed', async () => {
    const folder = createAlbum(1)
    const original = readFileSync(join(folder, 'p0000.png'))
    const fake = createTailCaptioner()
    const formats = [createEmbedFormat(FAKE_EXIFTOOL)]
    await run(folder, fake.captioner, { formats })
    const embedded = readFileSync(join(folder, 'p0000.png'), 'utf8')
    expect(embedded).toContain('<caption 0 of two lines>')
    expect(await run(folder, fake.captioner, { formats })).toMatchObject([
      { skip: { reason: 'done' } },
    ])
    const journal = join(folder, '.flocap', 'journal.jsonl')
    const lines = readFileSync(journal, 'utf8').trim().split('\n')
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { type: 'run' },
      { type: 'picture' },
      { type: 'embedded' },
      { type: 'end' },
    ])
    fake.asked.length = 0
    // Killed when the picture was written, and nothing of it was noted.
    writeFileSync(journal, `${lines.slice(0, 2).join('\n')}\n`)
    expect(kinds(await run(folder, fake.captioner, { formats }))).toEqual(['skipped'])
    // Killed before the picture was written.
    writeFileSync(journal, `${lines.slice(0, 2).join('\n')}\n`)
    writeFileSync(join(folder, 'p0000.png'), original)
    expect(await run(folder, fake.captioner, { formats })).toMatchObject([{ isKnown: true }])
    expect(readFileSync(join(folder, 'p0000.png'), 'utf8')).toBe(embedded)
    expect(fake.asked).toEqual([])
    // Other files of the same picture need no model either.
    expect(await run(folder, fake.captioner, { ids: ['txt'] })).toMatchObject([{ isKnown: true }])
    expect(filesOf(folder)).toEqual({ 'p0000.txt': 'caption 0 of two lines\n' })
  })

  it('leaves a picture that changed while it was captioned', async () => {
    const folder = createAlbum(1)
    const { captioner } = createTailCaptioner(() => {
      writePicture(folder, 'p0000.png', 'edited')
      return 1
    })
    const outcomes = await run(folder, captioner, { formats: [createEmbedFormat(FAKE_EXIFTOOL)] })
    expect(outcomes).toMatchObject([{ error: { code: 'file_not_written' } }])
    expect(readFileSync(join(folder, 'p0000.png')).subarray(PNG.byteLength).toString()).toBe(
      'edited',
    )
  })

  it('takes another model of the same name for another one', async () => {
    const folder = createAlbum(12)
    const stop = new AbortController()
    const fake = createTailCaptioner((tail) => {
      if (tail === '5') stop.abort()
      return 1
    })
    const of = (fingerprint: string, options: Settings = {}): Settings => ({
      ids: ['jsonl'],
      mode: 'overwrite',
      jobs: 1,
      source: {
        modelId: 'trained',
        identify: async () => fingerprint,
        start: async () => fake.captioner,
      },
      ...options,
    })
    await run(folder, fake.captioner, of('before', { signal: stop.signal }))
    fake.asked.length = 0
    // A stopped run goes on with the model that it began with, and begins again with another.
    await run(folder, fake.captioner, of('after'))
    expect(fake.asked).toHaveLength(12)
    fake.asked.length = 0
    rmSync(join(folder, 'captions.jsonl'))
    await run(folder, fake.captioner, of('after', { mode: 'skip' }))
    expect(fake.asked).toEqual([])
    rmSync(join(folder, 'captions.jsonl'))
    await run(folder, fake.captioner, of('trained again', { mode: 'skip' }))
    expect(fake.asked).toHaveLength(12)
  })

  it('needs no name of a model for what is only printed', async () => {
    const { captioner } = createTailCaptioner()
    const identify = async (): Promise<never> => {
      throw new Error('no name is needed')
    }
    const source = { modelId: 'fake', identify, start: async () => captioner }
    expect(kinds(await run(createAlbum(1), captioner, { ids: [], source }))).toEqual(['captioned'])
  })

  it('puts captions into a picture that a stopped run had only written down', async () => {
    const folder = createAlbum(1)
    const { captioner } = createTailCaptioner()
    const settings = { formats: [createEmbedFormat(FAKE_EXIFTOOL)] }
    const picture = join(folder, 'p0000.png')
    const [before, { atime, mtime }] = [readFileSync(picture), statSync(picture)]
    await run(folder, captioner, settings)
    const embedded = readFileSync(picture)
    expect(embedded).not.toEqual(before)
    // Killed between the line and the picture, or stopped there by a full disk.
    writeFileSync(picture, before)
    utimesSync(picture, atime, mtime)
    const journal = join(folder, '.flocap', 'journal.jsonl')
    const lines = readFileSync(journal, 'utf8').split(/(?<=\n)/)
    writeFileSync(journal, lines.slice(0, 2).join(''))
    expect(kinds(await run(folder, captioner, settings))).toEqual(['captioned'])
    expect(readFileSync(picture)).toEqual(embedded)
  })

  it('lets one run at a time into a folder, and takes over from a dead one', async () => {
    const folder = createAlbum(1)
    mkdirSync(join(folder, '.flocap'))
    const { captioner } = createTailCaptioner()
    const lock = join(folder, '.flocap', 'lock')
    writeFileSync(lock, JSON.stringify({ pid: 1, host: 'another-machine' }))
    await expect(run(folder, captioner)).rejects.toMatchObject({
      message: expect.stringContaining('Another run'),
    })
    writeFileSync(lock, '')
    expect(await run(folder, captioner)).toHaveLength(1)
  })

  it('leaves no journal when told', async () => {
    const folder = createAlbum(1)
    const { captioner } = createTailCaptioner()
    await run(folder, captioner, { keepsJournal: false, ids: ['txt', 'jsonl'] })
    expect(readdirSync(folder).toSorted()).toEqual(['captions.jsonl', 'p0000.png', 'p0000.txt'])
  })

  it('ends when the model cannot be had', async () => {
    const folder = createAlbum(3)
    const start = async (): Promise<never> => {
      throw new FlocapError('model_not_found', 'No such model.')
    }
    await expect(
      run(folder, createTailCaptioner().captioner, { source: { ...FAKE_MODEL, start } }),
    ).rejects.toMatchObject({ code: 'model_not_found' })
  })
})

describe('a shard', () => {
  const SHARDS: Settings = { ids: ['webdataset'] }

  async function createSharded(): Promise<{ folder: string; shard: string; bytes: Buffer }> {
    const folder = createAlbum(3)
    await run(folder, createTailCaptioner().captioner, SHARDS)
    const shard = join(folder, '00000.tar')
    return { folder, shard, bytes: readFileSync(shard) }
  }

  it('that is whole and says the same is left alone', async () => {
    const { folder, shard } = await createSharded()
    const { ino, mtimeMs } = statSync(shard)
    await run(folder, createTailCaptioner().captioner, SHARDS)
    expect(statSync(shard)).toMatchObject({ ino, mtimeMs })
  })

  it('of which there is a half is made again', async () => {
    const { folder, shard, bytes } = await createSharded()
    truncateSync(shard, bytes.byteLength / 2)
    await run(folder, createTailCaptioner().captioner, SHARDS)
    expect(readFileSync(shard).equals(bytes)).toBe(true)
  })

  it('is made again for another picture, other words or an end that it has not seen', async () => {
    const { folder, shard, bytes } = await createSharded()
    writePicture(folder, nameOf(3), '3')
    await run(folder, createTailCaptioner().captioner, SHARDS)
    const more = readFileSync(shard)
    expect(more.byteLength).toBeGreaterThan(bytes.byteLength)
    const rules = compileTextRules({ prefix: 'photo of' })
    await run(folder, createTailCaptioner().captioner, { ...SHARDS, rules })
    expect(readFileSync(shard, 'latin1')).toContain('photo of')
    // On record, and the process was killed before the file had its name.
    writeFileSync(shard, more)
    await run(folder, createTailCaptioner().captioner, { ...SHARDS, rules })
    expect(readFileSync(shard, 'latin1')).toContain('photo of')
  })

  it('leaves out a picture that went away meanwhile, and names it', async () => {
    const folder = createAlbum(3)
    const fake = createTailCaptioner()
    const going: TasksCaptioner = {
      ...fake.captioner,
      async captionTasks(...args) {
        rmSync(join(folder, nameOf(0)), { force: true })
        return fake.captioner.captionTasks(...args)
      },
    }
    await expect(run(folder, going, { ...SHARDS, jobs: 1 })).rejects.toMatchObject({
      code: 'missing_image',
      subject: join(folder, nameOf(0)),
    })
    const shard = readFileSync(join(folder, '00000.tar'), 'latin1')
    expect(shard).toContain('caption 2 of two lines')
    expect(shard).not.toContain('caption 0 of two lines')
  })

  it('of somebody else is refused before anything is captioned, but for --overwrite', async () => {
    const folder = createAlbum(1)
    writeFileSync(join(folder, '00000.tar'), 'theirs')
    const fake = createTailCaptioner()
    await expect(run(folder, fake.captioner, SHARDS)).rejects.toMatchObject({
      code: 'file_not_written',
      message: expect.stringContaining('00000.tar is there already'),
    })
    expect(fake.asked).toEqual([])
    expect(readFileSync(join(folder, '00000.tar'), 'utf8')).toBe('theirs')
    await run(folder, fake.captioner, { ...SHARDS, mode: 'overwrite' })
    expect(readFileSync(join(folder, '00000.tar')).byteLength).toBeGreaterThan(1000)
  })
})

describe('a caption that a person has locked', () => {
  it.each(['skip', 'overwrite', 'append', 'only-missing-task'] as const)(
    'stays as it is, with --%s',
    async (mode) => {
      const folder = createAlbum(2)
      const { captioner } = createTailCaptioner()
      await run(folder, captioner, { ids: ['txt', 'jsonl'] })
      writeFileSync(join(folder, 'p0000.txt'), 'mine\n')
      const decisions = await openDecisions(folder)
      await lockPicture(decisions, folder, 'p0000.png')
      const rows = readFileSync(join(folder, 'captions.jsonl'), 'utf8')
      const outcomes = await run(folder, captioner, { ids: ['txt', 'jsonl'], mode })
      expect(outcomes[0]).toMatchObject({ kind: 'skipped', skip: { reason: 'locked' } })
      expect(readFileSync(join(folder, 'p0000.txt'), 'utf8')).toBe('mine\n')
      expect(readFileSync(join(folder, 'captions.jsonl'), 'utf8')).toBe(rows)
    },
  )

  it('comes into files about all pictures that have nothing of it, as the person wrote it', async () => {
    const folder = createAlbum(2)
    const { captioner } = createTailCaptioner()
    await run(folder, captioner)
    writeFileSync(join(folder, 'p0000.txt'), 'mine\n')
    await lockPicture(await openDecisions(folder), folder, 'p0000.png')
    await run(folder, captioner, { ids: ['hf', 'webdataset'] })
    expect(readFileSync(join(folder, 'metadata.jsonl'), 'utf8')).toContain(
      '"p0000.png","text":"mine"',
    )
    const shard = readFileSync(join(folder, '00000.tar'), 'latin1')
    expect(shard).toContain('"caption":"mine"')
    expect(shard).toContain('caption 1 of two lines')
  })

  it('counts from the next picture on when it comes during a run, without a journal too', async () => {
    const folder = createAlbum(3)
    const decisions = await openDecisions(folder)
    const { captioner } = createTailCaptioner()
    const locking: TasksCaptioner = {
      ...captioner,
      async captionTasks(...args) {
        await lockPicture(decisions, folder, 'p0002.png')
        return captioner.captionTasks(...args)
      },
    }
    const outcomes = await run(folder, locking, { jobs: 1, keepsJournal: false })
    expect(outcomes.map(({ kind }) => kind)).toEqual(['captioned', 'captioned', 'skipped'])
  })
})
