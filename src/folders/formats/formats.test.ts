// Each format read back by what it is for: the rules of the trainers restated, ExifTool for XMP.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { extract } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { writeTar } from '../../../test/support/tar-writer.ts'
import type { TaskData } from '../../caption/task-data.ts'
import type { Answer } from '../ask/answer-questions.ts'
import { type PictureFile, pictureOnDisk } from '../inputs/picture-file.ts'
import { createBboxFormat } from './bbox.ts'
import { COCO_FORMAT } from './coco.ts'
import { NO_JOURNAL } from '../journal/journal.ts'
import { createWholeFiles } from '../journal/whole-files.ts'
import type { Captioned, CollectedRun, Row } from './format.ts'
import { createHuggingFaceFormat } from './hugging-face.ts'
import { createTextFormat } from './text.ts'
import { WEBDATASET_FORMAT } from './webdataset.ts'
import { createXmpFormat } from './xmp.ts'
import { createYoloFormat } from './yolo.ts'

const BOXES: TaskData = {
  kind: 'boxes',
  boxes: [
    { label: 'dog', box: [10, 20, 110, 70], score: 0.91 },
    { label: 'red ball', box: [150, 80, 250, 120] },
  ],
}

function answer(task: string, data: TaskData, said?: string): Answer {
  return {
    task,
    text: said ?? 'boxes',
    ...(said === undefined ? {} : { said }),
    data,
    confidence: 0.9,
    finishReason: 'stop',
    usage: { promptTokens: 1, completionTokens: 1 },
  }
}

function captioned(picture: PictureFile, caption = 'A dog & a "ball", <outdoors>'): Captioned {
  const said = answer('caption', { kind: 'text', text: caption }, caption)
  return {
    picture,
    width: 200,
    height: 100,
    answers: [said, answer('od', BOXES)],
    captions: [caption],
  }
}

function pictureIn(folder: string, name = 'photo.jpg'): PictureFile {
  return pictureOnDisk(join(folder, name), { label: join(folder, name), name, output: folder })
}

/** Nothing was written before. */
function forRun(...pictures: readonly PictureFile[]): CollectedRun {
  return { pictures, wholes: createWholeFiles('', NO_JOURNAL, false) }
}

async function* rows(...all: readonly Row[]): AsyncGenerator<Row> {
  yield* all
}

describe('text files', () => {
  it('are a caption to kohya, OneTrainer, ai-toolkit and SimpleTuner alike', async () => {
    const format = createTextFormat({ ending: 'txt', naming: 'stem' })
    const picture = pictureIn('/x', 'my.photo.jpg')
    expect(format.fileOf(picture)).toBe(join('/x', 'my.photo.txt'))
    const content = String(await format.render(captioned(picture, 'a dog'), undefined))
    // kohya: the first line, stripped; OneTrainer: every line that is not empty; ai-toolkit: the whole
    // file on one line; SimpleTuner: each line.
    expect(content.split('\n')[0]?.trim()).toBe('a dog')
    expect(content.split('\n').filter((line) => line.trim() !== '')).toEqual(['a dog'])
    expect(content).not.toMatch(/\r|^\uFEFF/)
    expect(content.trim().split('\n')).toHaveLength(1)
  })
})

describe('bbox', () => {
  it('has boxes in fractions inside the picture, as SimpleTuner reads them', async () => {
    const content = await createBboxFormat('stem').render(captioned(pictureIn('/x')), undefined)
    const schema = z.array(
      z.object({
        label: z.string().min(1),
        bbox: z.array(z.number().min(0).max(1)).length(4),
        score: z.number().optional(),
      }),
    )
    expect(schema.parse(JSON.parse(String(content)))).toEqual([
      { label: 'dog', bbox: [0.05, 0.2, 0.55, 0.7], score: 0.91 },
      { label: 'red ball', bbox: [0.75, 0.8, 1, 1] },
    ])
  })
})

describe('yolo', () => {
  it('numbers classes by the lines of classes.txt, which only grow', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'classes.txt'), 'cat\ndog\n')
    const content = await createYoloFormat('stem').render(captioned(pictureIn(folder)), undefined)
    expect(readFileSync(join(folder, 'classes.txt'), 'utf8')).toBe('cat\ndog\nred ball\n')
    expect(content).toBe('1 0.3 0.45 0.5 0.5\n2 0.875 0.9 0.25 0.2\n')
  })
})

describe('coco', () => {
  it('has images, annotations with scores, categories, and keeps those of others', async () => {
    const folder = temporaryFolder()
    const write = async (...all: readonly Row[]) =>
      (await COCO_FORMAT.open(folder, forRun())).finish(rows(...all), true)
    const [first, second] = [pictureIn(folder, 'a.jpg'), pictureIn(folder, 'b.jpg')]
    await write({ picture: first, captioned: captioned(first) })
    await write({ picture: second, captioned: captioned(second) })
    const coco: unknown = JSON.parse(readFileSync(join(folder, 'coco.json'), 'utf8'))
    expect(coco).toMatchObject({
      images: [
        { id: 1, file_name: 'a.jpg', width: 200, height: 100 },
        { id: 2, file_name: 'b.jpg' },
      ],
      annotations: [
        { id: 1, image_id: 1, category_id: 1, bbox: [10, 20, 100, 50], area: 5000, score: 0.91 },
        { id: 2, image_id: 1, category_id: 2 },
        { id: 3, image_id: 2, category_id: 1 },
        { id: 4, image_id: 2, category_id: 2 },
      ],
      categories: [
        { id: 1, name: 'dog' },
        { id: 2, name: 'red ball' },
      ],
    })
  })
})

describe('metadata.jsonl', () => {
  it('is what ImageFolder reads: relative names with /, boxes as x, y, width, height', async () => {
    const folder = temporaryFolder()
    const picture = pictureIn(folder, 'train/a.jpg')
    const file = await createHuggingFaceFormat('caption', true).open(folder, forRun())
    await file.finish(rows({ picture, captioned: captioned(picture, 'a dog') }), true)
    expect(JSON.parse(readFileSync(join(folder, 'metadata.jsonl'), 'utf8'))).toEqual({
      file_name: 'train/a.jpg',
      caption: 'a dog',
      objects: {
        bbox: [
          [10, 20, 100, 50],
          [150, 80, 50, 20],
        ],
        categories: ['dog', 'red ball'],
      },
    })
  })
})

/** Members of a tar file, by name. */
async function readTar(path: string): Promise<ReadonlyMap<string, string>> {
  const entries = extract()
  entries.end(readFileSync(path))
  const members = new Map<string, string>()
  for await (const entry of entries) {
    members.set(entry.header.name, await text(entry))
  }
  return members
}

describe('webdataset', () => {
  it('packs pictures into samples whose members are neighbours', async () => {
    const folder = temporaryFolder()
    const names = ['a.b.jpg', 'in-c.png']
    const pictures = names.map((name) => pictureIn(folder, name))
    for (const name of names) writeFileSync(join(folder, name), `bytes of ${name}`)
    const file = await WEBDATASET_FORMAT.open(folder, forRun())
    const all = pictures.map((picture) => ({ picture, captioned: captioned(picture, 'a dog') }))
    await file.finish(rows(...all), true)
    const members = await readTar(join(folder, '00000.tar'))
    expect([...members.keys()]).toEqual([
      '000000000.jpg',
      '000000000.txt',
      '000000000.json',
      '000000001.png',
      '000000001.txt',
      '000000001.json',
    ])
    expect(members.get('000000000.jpg')).toBe('bytes of a.b.jpg')
    expect(JSON.parse(members.get('000000000.json') ?? '')).toMatchObject({ file: 'a.b.jpg' })
  })

  it('writes a shard anew and leaves the old one as it is', async () => {
    const folder = temporaryFolder()
    const shard = join(folder, '00007.tar')
    await writeTar(shard, {
      '0001.jpg': Buffer.from('one'),
      '0001.txt': Buffer.from('old words'),
      '0001.json': Buffer.from('{"url": "http://x", "caption": "old words"}'),
      '0002.jpg': Buffer.from('two'),
      '0002.cls': Buffer.from('7'),
    })
    const before = readFileSync(shard)
    const output = temporaryFolder()
    const picture = (name: string): PictureFile => ({
      ...pictureIn(output, name),
      label: `${shard}/${name}`,
      archive: shard,
      stamp: async () => ({ size: 1, mtimeMs: 1 }),
    })
    const file = await WEBDATASET_FORMAT.open(output, forRun())
    const [one, two] = [picture('0001.jpg'), picture('0002.jpg')]
    await file.finish(
      rows({ picture: one, captioned: captioned(one, 'new words') }, { picture: two }),
      true,
    )
    const members = await readTar(join(output, '00007.tar'))
    expect([...members.keys()]).toEqual([
      '0001.jpg',
      '0001.txt',
      '0001.json',
      '0002.jpg',
      '0002.cls',
    ])
    expect(members.get('0001.txt')).toBe('new words')
    expect(JSON.parse(members.get('0001.json') ?? '')).toMatchObject({
      url: 'http://x',
      caption: 'old words',
      flocap: { caption: 'new words' },
    })
    expect(readFileSync(shard)).toEqual(before)
  })
})

const HAS_EXIFTOOL = spawnSync('exiftool', ['-ver']).status === 0

/** An XMP file as Lightroom and darktable leave it: attributes, ratings, a keyword, another language. */
const FOREIGN = `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/" xmp:Rating="4">
   <dc:subject><rdf:Bag><rdf:li>Dog</rdf:li></rdf:Bag></dc:subject>
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">Rex</rdf:li></rdf:Alt></dc:title>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>`

function exif(path: string): unknown {
  const args = ['-j', '-XMP:all', '-struct', path]
  const [found] = z
    .array(z.unknown())
    .parse(JSON.parse(execFileSync('exiftool', args, { encoding: 'utf8' })))
  return found
}

describe('xmp', () => {
  const format = createXmpFormat('full')

  it.runIf(HAS_EXIFTOOL)(
    'is read by ExifTool: alternative text, description, keywords',
    async () => {
      const picture = pictureIn(temporaryFolder())
      const caption = `A dog & a "ball", <outdoors>. ${'It is a long story. '.repeat(10)}`.trim()
      writeFileSync(
        format.fileOf(picture),
        (await format.render(captioned(picture, caption), undefined)) ?? '',
      )
      expect(format.fileOf(picture)).toMatch(/photo\.jpg\.xmp$/)
      expect(exif(format.fileOf(picture))).toMatchObject({
        AltTextAccessibility: expect.stringMatching(/^A dog & a "ball", <outdoors>\..{0,96}$/),
        ExtDescrAccessibility: caption,
        Description: caption,
        Subject: ['dog', 'red ball'],
      })
    },
  )

  it.runIf(HAS_EXIFTOOL)('keeps what others have written', async () => {
    const picture = pictureIn(temporaryFolder())
    const before = Buffer.from(FOREIGN)
    expect(format.stateOf(before)).toBe('open')
    writeFileSync(format.fileOf(picture), (await format.render(captioned(picture), before)) ?? '')
    expect(exif(format.fileOf(picture))).toMatchObject({
      Rating: 4,
      Title: 'Rex',
      Subject: ['Dog', 'red ball'],
      Description: 'A dog & a "ball", <outdoors>',
    })
  })

  it('counts a description of somebody as a caption, and leaves damaged files alone', async () => {
    const described = FOREIGN.replace('xmp:Rating="4"', 'dc:description="mine"')
    expect(format.stateOf(Buffer.from(described))).toBe('captioned')
    expect(() => format.stateOf(Buffer.from('<x:xmpmeta'))).toThrow('damaged')
    for (const much of [
      'y'.repeat(9_000_000),
      '<a/>'.repeat(100_000),
      '<a b="c"/>'.repeat(60_000),
    ]) {
      const large = FOREIGN.replace('</rdf:Description>', `${much}</rdf:Description>`)
      expect(() => format.stateOf(Buffer.from(large))).toThrow('has more')
    }
    await expect(format.render(captioned(pictureIn('/x')), Buffer.from('<html/>'))).rejects.toThrow(
      'damaged',
    )
  })
})

describe('the name of an XMP file', () => {
  it.each([
    ['full', 'my.photo.jpg.xmp'],
    ['stem', 'my.photo.xmp'],
  ] as const)('is %s: %s', (naming, name) => {
    const picture = pictureIn('/x', 'my.photo.jpg')
    expect(createXmpFormat(naming).fileOf(picture)).toBe(join('/x', name))
  })
})
