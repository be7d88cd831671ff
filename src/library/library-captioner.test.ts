import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { caughtError } from '../../test/support/caught-error.ts'
import {
  createFakeCaptioner,
  type FakeCaptionerOptions,
} from '../../test/support/fake-captioner.ts'
import { HAS_FIFOS, makeFifo } from '../../test/support/make-fifo.ts'
import { readSample, samplePath } from '../../test/support/samples.ts'
import { createFolder, removeFolder } from '../../test/support/temporary-folder.ts'
import { drawWith } from '../caption/draw-findings.ts'
import type { Question } from './asks.ts'
import { createLibraryCaptioner } from './library-captioner.ts'
import type { Picture } from './picture.ts'

const PATH = samplePath('scene-00.png')
const BYTES = readSample('scene-00.png')
const PLACES = 4

function create(options: FakeCaptionerOptions = {}) {
  const fake = createFakeCaptioner(options)
  let closings = 0
  const captioner = createLibraryCaptioner({
    captioner: fake,
    backend: {
      draw: drawWith({
        png: async (_picture, overlay) => Buffer.from(overlay),
        preview: async () => BYTES,
      }),
      close: async () => {
        closings += 1
      },
    },
    fetchPicture: async () => BYTES,
    places: PLACES,
  })
  return { captioner, fake, closings: () => closings }
}

/** Endless: a batch that does not hold back would never end. */
function* countUp() {
  for (let number = 0; ; number += 1) yield number
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const value of values) collected.push(value)
  return collected
}

describe('pictures', () => {
  const { captioner, fake } = create()

  it.each([
    ['a path', PATH],
    ['a file URL', pathToFileURL(PATH)],
    ['a web URL', new URL('https://pictures.example/a.png')],
    ['a data URL', new URL(`data:image/png;base64,${Buffer.from(BYTES).toString('base64')}`)],
    ['bytes', BYTES],
    ['an ArrayBuffer', Uint8Array.from(BYTES).buffer],
    ['a Blob', new Blob([Uint8Array.from(BYTES)])],
    ['a stream of Node', Readable.from([BYTES.subarray(0, 9), BYTES.subarray(9)])],
    ['a stream of the web', new Blob([Uint8Array.from(BYTES)]).stream()],
  ])('may be %s', async (_, picture) => {
    await captioner.caption(picture)
    expect(Buffer.from(fake.calls.at(-1)!.request.picture)).toEqual(Buffer.from(BYTES))
  })

  it.each<[name: string, picture: Picture, message: RegExp]>([
    ['nothing at the path', '/nowhere/at.png', /no such file/],
    ['a folder', '/', /a folder/],
    ['an address as a string', 'https://pictures.example/a.png', /Expected a path/],
    ['another protocol', new URL('ftp://pictures.example/a.png'), /ftp:/],
    // @ts-expect-error -- programs in JavaScript have no types
    ['a number', 7, /got 7/],
    ['a stream of texts', Readable.from(['a']), /stream of bytes/],
  ])('are refused: %s', async (_, picture, message) => {
    const error = await caughtError(() => captioner.caption(picture))
    expect(error.message).toMatch(message)
  })

  it.skipIf(!HAS_FIFOS)('that are a FIFO are not waited for', async () => {
    const folder = createFolder()
    try {
      const fifo = join(folder, 'pipe.png')
      makeFifo(fifo)
      const error = await caughtError(() => captioner.caption(fifo))
      expect(error).toMatchObject({ code: 'missing_image', message: expect.stringMatching('FIFO') })
    } finally {
      removeFolder(folder)
    }
  })
})

describe('questions', () => {
  it('reach the captioner in its own words', async () => {
    const { captioner, fake } = create()
    const [first, second] = await captioner.ask(BYTES, [
      'od',
      { task: 'vqa', input: 'What?', maxTokens: 9, startWith: 'A', temperature: 0.5 },
    ])
    expect(first.data.boxes[0]?.score).toBe(0.9)
    expect(second.task).toBe('vqa')
    expect(fake.calls.at(-1)?.request).toMatchObject({
      input: 'What?',
      generation: {
        maxNewTokens: 9,
        prefix: 'A',
        sampling: { temperature: 0.5, topP: 1, seed: 0 },
      },
    })
  })

  it.each<[question: Question, code: string, message: string]>([
    [{ beams: 99 }, 'invalid_request', 'for beams, got 99'],
    [{ maxTokens: 0 }, 'invalid_request', 'for maxTokens, got 0'],
    // @ts-expect-error -- programs in JavaScript have no types
    [{ beam: 3 }, 'invalid_request', 'no option "beam"'],
    // @ts-expect-error -- as above
    [{ task: 'vqa' }, 'invalid_task_input', 'vqa'],
    // @ts-expect-error -- as above
    [{ task: 'region_to_ocr', region: { unit: 'pixel', box: [1, 2] } }, 'invalid_request', 'box'],
    // @ts-expect-error -- as above
    ['odd', 'unknown_task', 'odd'],
    // @ts-expect-error -- as above
    [7, 'invalid_request', 'got 7'],
  ])('%j are refused before a picture is read', async (question, code, message) => {
    const { captioner } = create()
    const error = await caughtError(() => captioner.caption('/nowhere', question))
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) })
  })
})

describe('abort and close', () => {
  it('rejects with the reason, at once and before anything is read', async () => {
    const { captioner, fake } = create({ delayMs: Infinity })
    const reason = new Error('enough')
    await expect(
      captioner.caption(BYTES, 'caption', { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason)
    expect(fake.calls).toHaveLength(0)
    const controller = new AbortController()
    const answer = captioner.caption(BYTES, 'caption', { signal: controller.signal })
    await expect.poll(() => fake.calls.length).toBe(1)
    controller.abort(reason)
    await expect(answer).rejects.toBe(reason)
    await expect.poll(() => fake.aborted()).toBe(1)
  })

  it('gives the place of an aborted call to the next', async () => {
    const { captioner, fake } = create({ delayMs: Infinity })
    const controllers = Array.from({ length: 3 * PLACES }, () => new AbortController())
    const calls = controllers.map(async ({ signal }) =>
      captioner.caption(BYTES, 'caption', { signal }).catch(() => 'aborted'),
    )
    await expect.poll(() => fake.calls.length).toBe(PLACES)
    for (const controller of controllers.slice(0, 2 * PLACES)) controller.abort()
    await expect.poll(() => fake.calls.length).toBe(2 * PLACES)
    for (const controller of controllers) controller.abort()
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['aborted']))
  })

  it('ends what is under way as closed, and what comes later', async () => {
    const { captioner, closings } = create({ delayMs: Infinity })
    const under = captioner.caption(BYTES)
    const stream = captioner.stream(BYTES)
    const batch = captioner.batch([BYTES], { picture: (each) => each }).next()
    const outcomes = Promise.allSettled([under, stream.answer, batch])
    await captioner.close()
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'closed' } })
    }
    await expect(captioner.caption(BYTES)).rejects.toMatchObject({ code: 'closed', retry: 'never' })
    await captioner[Symbol.asyncDispose]()
    expect(closings()).toBe(2)
  })
})

describe('stream', () => {
  it('gives pieces that add up, twice if need be, and the answer', async () => {
    const { captioner } = create({ text: 'A boat on the sea.' })
    const stream = captioner.stream(BYTES)
    const read = async () => (await collect(stream)).join('')
    expect([await read(), await read(), (await stream.answer).text]).toEqual(
      Array(3).fill('A boat on the sea.'),
    )
    expect(await collect(captioner.stream(BYTES, 'od'))).toHaveLength(1)
  })

  it('throws to who iterates, and to nobody else', async () => {
    const { captioner } = create({ error: new Error('broken') })
    const stream = captioner.stream(BYTES)
    await nextTurn()
    await expect(collect(stream)).rejects.toThrow('broken')
  })

  it('aborts when its loop is left', async () => {
    const { captioner } = create({ text: 'A boat.', errorAfterText: new Error('too far') })
    const stream = captioner.stream(BYTES)
    for await (const piece of stream) {
      expect(piece).toBe('A')
      break
    }
    await expect(stream.answer).rejects.toThrow('The loop over the answer was left.')
  })
})

describe('batch', () => {
  it('pulls no further ahead than it works', async () => {
    const { captioner } = create()
    let pulled = 0
    function* items() {
      for (const number of countUp()) {
        pulled += 1
        yield number
      }
    }
    let taken = 0
    for await (const { item, answers } of captioner.batch(items(), {
      picture: () => BYTES,
      asks: ['caption', 'od'],
      concurrency: 3,
    })) {
      expect(item).toBe(taken)
      expect(answers?.[1].data.kind).toBe('boxes')
      taken += 1
      await nextTurn()
      expect(pulled).toBeLessThanOrEqual(taken + 3)
      if (taken === 50) break
    }
  })

  it('tells the failure of an item with it and goes on', async () => {
    const { captioner } = create()
    const results = await collect(
      captioner.batch(['a', PATH, 'b'], {
        picture: (path) => {
          if (path === 'b') throw new Error('no b')
          return path
        },
      }),
    )
    expect(results).toMatchObject([
      { item: 'a', error: { code: 'missing_image' } },
      { item: PATH, answers: [{ task: 'more_detailed_caption' }] },
      { item: 'b', error: { message: expect.stringContaining('no b') } },
    ])
  })

  it('gives what is done first, where order does not matter', async () => {
    const { captioner } = create()
    let release = (): void => undefined
    const slow = new Promise<void>((resolve) => {
      release = resolve
    })
    async function* late() {
      await slow
      yield BYTES
    }
    const batch = captioner.batch(['slow', 'quick'], {
      picture: (item) => (item === 'slow' ? late() : BYTES),
      ordered: false,
    })
    expect((await batch.next()).value).toMatchObject({ item: 'quick' })
    release()
    expect((await batch.next()).value).toMatchObject({ item: 'slow' })
  })

  it('aborts what runs when its loop is left, and ends its source', async () => {
    const { captioner, fake } = create({ delayMs: Infinity })
    let isEnded = false
    function* items() {
      try {
        yield* countUp()
      } finally {
        isEnded = true
      }
    }
    const controller = new AbortController()
    const batch = captioner.batch(items(), {
      picture: () => BYTES,
      concurrency: 3,
      signal: controller.signal,
    })
    const next = batch.next()
    await expect.poll(() => fake.calls.length).toBe(3)
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(next).rejects.toBe(reason)
    await expect.poll(() => fake.aborted()).toBe(3)
    expect(isEnded).toBe(true)
  })

  it('refuses a concurrency that is none', () => {
    const { captioner } = create()
    expect(() => captioner.batch([], { picture: () => BYTES, concurrency: 0 })).toThrow(
      'Expected a whole number from 1 to 256 for concurrency, got 0.',
    )
  })
})

describe('structured answers and drawings', () => {
  it('fit the schema of Zod, or a JSON schema', async () => {
    const { captioner } = create({ text: 'A boat on the sea.' })
    const schema = z.object({ caption: z.string().transform((text) => text.length) })
    const { value } = await captioner.structured(BYTES, z.object({ caption: z.string() }))
    expect(value.caption).toBe('A boat on the sea.')
    const plain = { type: 'object', properties: { caption: { type: 'string' } } }
    expect(await captioner.structured(BYTES, plain)).toMatchObject({
      value: { caption: 'A boat on the sea.' },
      unanswered: [],
      truncated: false,
    })
    const input = await captioner.structured(BYTES, schema)
    expect(input.value.caption).toBe('A boat on the sea.'.length)
  })

  it('names the property that nothing can fill', async () => {
    const { captioner } = create()
    const schema = {
      type: 'object',
      properties: { a: { type: 'null', enum: [1] } },
      required: ['a'],
    }
    const error = await caughtError(() => captioner.structured(BYTES, schema))
    expect(error).toMatchObject({ code: 'invalid_schema', message: expect.stringContaining('a') })
  })

  it('draws what has places, and says when nothing has', async () => {
    const { captioner } = create()
    const [caption, objects] = await captioner.ask(BYTES, ['caption', 'od'])
    expect(String(Buffer.from(await captioner.draw(BYTES, objects)))).toContain('car')
    const svg = await captioner.draw(BYTES, [caption, objects], { format: 'svg' })
    expect(String(Buffer.from(svg))).toMatch(/<image href="data:image\/png[^]*car/)
    const error = await caughtError(() => captioner.draw(BYTES, caption))
    expect(error.message).toMatch('nothing to draw')
  })
})
