import { describe, expect, it } from 'vitest'
import { startBatchServer } from '../../../test/support/batch-server.ts'
import { createFakeCaptioner } from '../../../test/support/fake-captioner.ts'
import { PNG } from '../../../test/support/pictures.ts'
import { FlocapError } from '../../base/errors.ts'
import type { AheadRun, SentBatch, SentBatches } from '../../caption/ask-ahead.ts'
import type { TasksCaptioner } from '../../caption/captioner.ts'
import { createRemoteBatches, type RemoteBatch } from '../batches-there.ts'
import { readStatus } from '../server-model.ts'
import { createAskAhead } from './ask-ahead.ts'
import type { BulkEvent } from './batch-runner.ts'

const PART = { bytes: 1024 * 1024, lines: 4 }

/** Different bytes each, and as many more as the number says. */
function picture(number: number): Uint8Array {
  return Buffer.concat([PNG, Buffer.alloc(number, 'x')])
}

function memorySent(): SentBatches & { readonly known: Map<string, SentBatch> } {
  const known = new Map<string, SentBatch>()
  return {
    known,
    list: () => [...known.values()],
    keep: async (batch) => void known.set(batch.token, batch),
    drop: async ({ token }) => void known.delete(token),
  }
}

interface RunOptions {
  readonly numbers: readonly number[]
  readonly sent?: SentBatches
  readonly signal?: AbortSignal
  readonly ask?: (captioner: TasksCaptioner, bytes: Uint8Array) => Promise<string>
  readonly asksInTurn?: boolean
  readonly part?: typeof PART
  readonly onEvent?: (event: BulkEvent) => void
}

async function askCaption(captioner: TasksCaptioner, bytes: Uint8Array): Promise<string> {
  return (await captioner.caption({ picture: bytes, task: 'caption' })).text
}

/** As a run over a folder does: each picture's text, or the code of what is wrong. */
async function runAhead(url: string, options: RunOptions): Promise<readonly string[]> {
  const { numbers, sent = memorySent(), ask = askCaption, part = PART } = options
  const askAhead = createAskAhead({
    server: { url },
    status: await readStatus({ url }),
    onEvent: options.onEvent ?? (() => undefined),
    part,
    pollMs: 5,
  })
  async function* pictures(): AsyncGenerator<number> {
    yield* numbers
  }
  const run: AheadRun<number> = {
    pictures: pictures(),
    ask: async (number, captioner) => {
      await ask(captioner, picture(number)).catch(() => undefined)
    },
    asksInTurn: options.asksInTurn ?? false,
    sent,
    signal: options.signal,
  }
  const { turns, finish } = askAhead(run)
  const said: string[] = []
  for await (const { picture: number, captioner, settle } of turns) {
    said.push(await ask(captioner, picture(number)).catch((error: { code: string }) => error.code))
    await settle()
  }
  if (said.length === numbers.length) await finish()
  return said
}

async function listed(url: string): Promise<readonly RemoteBatch[]> {
  const batches: RemoteBatch[] = []
  for await (const batch of createRemoteBatches({ url }).list()) batches.push(batch)
  return batches
}

const totals = async (url: string): Promise<readonly number[]> =>
  (await listed(url)).map(({ request_counts: { total } }) => total).toSorted((a, b) => a - b)

async function filesAt(url: string): Promise<unknown> {
  const list: unknown = await (await fetch(`${url}/v1/files`)).json()
  return list
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

describe('pictures that are asked about ahead', () => {
  it('are answered in parts, in their order, and leave nothing at the server', async () => {
    const { url } = await startBatchServer()
    const sent = memorySent()
    const said = await runAhead(url, { numbers: numbers(10), sent })
    expect(said).toHaveLength(10)
    expect(said).not.toContain('cancelled')
    expect(await totals(url)).toEqual([2, 4, 4])
    expect(await filesAt(url)).toMatchObject({ data: [] })
    expect(sent.known.size).toBe(0)
  })

  it('are one line where they are the same', async () => {
    const { url } = await startBatchServer()
    expect(await runAhead(url, { numbers: [1, 1, 1] })).toHaveLength(3)
    expect(await totals(url)).toEqual([1])
  })

  it('are asked again as long as answers decide what is asked next', async () => {
    const { url } = await startBatchServer()
    const said = await runAhead(url, {
      numbers: numbers(3),
      asksInTurn: true,
      async ask(captioner, bytes) {
        const { text } = await captioner.caption({ picture: bytes, task: 'caption' })
        const next = { picture: bytes, task: 'caption_to_phrase_grounding', input: text } as const
        return (await captioner.caption(next)).task
      },
    })
    expect(said).toEqual(numbers(3).map(() => 'caption_to_phrase_grounding'))
    expect(await totals(url)).toEqual([3, 3])
  })

  it('are cut where a batch is full, even within what one picture asks', async () => {
    const { url } = await startBatchServer()
    const said = await runAhead(url, {
      numbers: numbers(2),
      part: { ...PART, lines: 2 },
      async ask(captioner, bytes) {
        const ask = async (maxNewTokens: number) =>
          captioner.caption({ picture: bytes, task: 'caption', generation: { maxNewTokens } })
        return (await Promise.all([10, 11, 12].map(ask))).map(({ task }) => task).join(' ')
      },
    })
    expect(said).toEqual(['caption caption caption', 'caption caption caption'])
    expect(await totals(url)).toEqual([1, 1, 2, 2])
  })

  it('that are too large for a line are refused by themselves', async () => {
    const { url } = await startBatchServer()
    const part = { ...PART, bytes: 2 * PNG.byteLength }
    const said = await runAhead(url, { numbers: [1, 2 * PNG.byteLength, 2], part })
    expect(said[1]).toBe('body_too_large')
    expect(await totals(url)).toEqual([1, 1])
  })

  it('fail with what the server says of their lines', async () => {
    const captioner = createFakeCaptioner({
      error: new FlocapError('invalid_image', 'It is damaged.'),
    })
    const { url } = await startBatchServer({ captioner })
    expect(await runAhead(url, { numbers: numbers(2) })).toEqual(['invalid_image', 'invalid_image'])
  })
})

describe('a run that was stopped', () => {
  it('is taken up, and asks for nothing that was answered', async () => {
    const captioner = createFakeCaptioner({ delayMs: 20 })
    const { url } = await startBatchServer({ captioner })
    const sent = memorySent()
    const stop = new AbortController()
    const stopped = await runAhead(url, {
      numbers: numbers(4),
      sent,
      signal: stop.signal,
      onEvent: ({ kind }) => {
        if (kind === 'sent') stop.abort()
      },
    })
    expect(stopped).toEqual([])
    const [first] = sent.list()
    expect(first).toMatchObject({ server: url })
    // As a crash leaves it that came before the id was known.
    await sent.keep({ server: url, token: first?.token ?? '' })

    const events: BulkEvent[] = []
    const said = await runAhead(url, {
      numbers: numbers(4),
      sent,
      onEvent: (event) => events.push(event),
    })
    expect(said).toHaveLength(4)
    expect(said).not.toContain('cancelled')
    expect(events[0]).toMatchObject({ kind: 'taken-up' })
    expect(await totals(url)).toEqual([4])
    expect(sent.known.size).toBe(0)
    expect(await filesAt(url)).toMatchObject({ data: [] })
  })

  it('passes over what was sent to another server, or is no longer there', async () => {
    const { url } = await startBatchServer()
    const sent = memorySent()
    const elsewhere = { server: 'http://elsewhere:5000', token: 'a', id: 'batch_1' }
    await sent.keep(elsewhere)
    await sent.keep({ server: url, token: 'b', id: 'batch_2' })
    await sent.keep({ server: url, token: 'c' })
    expect(await runAhead(url, { numbers: numbers(1), sent })).toHaveLength(1)
    expect(sent.list()).toEqual([elsewhere])
  })

  it('asks again where another model has answered', async () => {
    const { url } = await startBatchServer()
    const sent = memorySent()
    const stop = new AbortController()
    const onEvent = ({ kind }: BulkEvent): void => {
      if (kind === 'sent') stop.abort()
    }
    await runAhead(url, { numbers: numbers(2), sent, signal: stop.signal, onEvent })
    const batches = createRemoteBatches({ url })
    const [made] = await listed(url)
    const copied = await batches.create({
      input_file_id: made?.input_file_id ?? '',
      endpoint: '/api/v1/caption',
      completion_window: '24h',
      metadata: { flocap_run: 'x', flocap_fingerprint: 'another' },
    })
    await sent.drop(sent.list()[0] ?? { server: '', token: '' })
    await sent.keep({ server: url, token: 'x', id: copied.id })
    expect(await runAhead(url, { numbers: numbers(2), sent })).toHaveLength(2)
    expect(sent.list()).toEqual([])
    // The first one, the other model's, and one in its place.
    expect(await listed(url)).toHaveLength(3)
  })
})

describe('a batch that ends before its time', () => {
  it('names the pictures that it leaves', async () => {
    const captioner = createFakeCaptioner({ delayMs: 50 })
    const { url } = await startBatchServer({ captioner })
    const batches = createRemoteBatches({ url })
    const said = await runAhead(url, {
      numbers: numbers(40),
      part: { ...PART, lines: 100 },
      onEvent: (event) => {
        if (event.kind === 'sent') void batches.cancel(event.id)
      },
    })
    expect(said).toContain('cancelled')
    expect(said).toHaveLength(40)
  })
})
