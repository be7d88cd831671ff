// Kills a server at random moments while it runs a batch, and counts what has become of each line.
import { setTimeout as delay } from 'node:timers/promises'
import OpenAI, { toFile } from 'openai'
import { childrenOf } from './ask-server.ts'
import { startServer } from './program.ts'
import { readSample } from './samples.ts'

export interface BatchKills {
  readonly lines: number
  readonly kills: number
  /** Of the server: empty before. */
  readonly home: string
  /** Of the server besides. */
  readonly args?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** What else is killed with it, and started again. */
  readonly alsoKill?: () => Promise<void>
}

export interface BatchKillResult {
  readonly status: string
  /** Lines of the output and of the errors. */
  readonly completed: number
  readonly failed: number
  /** As the batch itself counts them. */
  readonly counts: OpenAI.BatchRequestCounts | undefined
  /** By their custom_id. */
  readonly missing: readonly string[]
  readonly twice: readonly string[]
  /** How many lines were done at each kill. */
  readonly killedAt: readonly number[]
}

const SCENES = ['scene-00.png', 'scene-01.png', 'scene-02.png']
/** One line in so many names a picture that there is not. */
const FAILING = 10
const ENDED = ['completed', 'failed', 'expired', 'cancelled']
/** Where the children of a process can be read. */
const IS_LINUX = process.platform === 'linux'
const POLL_MS = 100
/** After a part of the batch has run: kills fall into every part of a line. */
const MAX_DELAY_MS = 400

/** @throws when the batch makes no progress between two kills. */
export async function killOverBatch({
  lines,
  kills,
  home,
  args = [],
  environment = {},
  alsoKill = async () => undefined,
}: BatchKills): Promise<BatchKillResult> {
  const start = async () =>
    startServer(['--answer-cache-mb', '0', ...args], {
      environment: { FLOCAP_HOME: home, ...environment },
    })
  let server = await start()
  const client = (): OpenAI => new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none' })
  try {
    const pictures = await Promise.all(
      SCENES.map(async (scene) => {
        const file = await toFile(readSample(scene), scene)
        return (await client().files.create({ file, purpose: 'vision' })).id
      }),
    )
    const input = Array.from({ length: lines }, (_, index) => lineOf(index, pictures)).join('\n')
    const uploaded = await toFile(Buffer.from(input), 'in.jsonl')
    const { id: input_file_id } = await client().files.create({ file: uploaded, purpose: 'batch' })
    const made = await client().batches.create({
      input_file_id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    })

    const until = async (isReached: (batch: OpenAI.Batch) => boolean): Promise<OpenAI.Batch> => {
      for (;;) {
        const batch = await client().batches.retrieve(made.id)
        if (isReached(batch) || ENDED.includes(batch.status)) return batch
        await delay(POLL_MS)
      }
    }
    const killedAt: number[] = []
    for (let kill = 0; kill < kills; kill += 1) {
      // The first falls into the looking through.
      const wanted = Math.floor((kill * lines) / (kills + 1))
      const batch = await until((each) => doneOf(each) >= wanted)
      await delay(Math.random() * MAX_DELAY_MS)
      killedAt.push(doneOf(batch))
      const engines = IS_LINUX ? childrenOf(server.child.pid ?? 0) : []
      await server.stop('SIGKILL')
      for (const engine of engines) killIfAlive(engine)
      await alsoKill()
      server = await start()
    }

    const ended = await until(() => false)
    const output = await readIds(client(), ended.output_file_id)
    const errors = await readIds(client(), ended.error_file_id)
    const times = new Map<string, number>()
    for (const each of [...output, ...errors]) times.set(each, (times.get(each) ?? 0) + 1)
    return {
      status: ended.status,
      completed: output.length,
      failed: errors.length,
      counts: ended.request_counts,
      missing: Array.from({ length: lines }, (_, index) => idOf(index)).filter(
        (each) => !times.has(each),
      ),
      twice: [...times].flatMap(([each, count]) => (count > 1 ? [each] : [])),
      killedAt,
    }
  } finally {
    await server.stop('SIGKILL')
  }
}

function idOf(index: number): string {
  return `line-${index}`
}

function lineOf(index: number, pictures: readonly string[]): string {
  const known = pictures[index % pictures.length] ?? ''
  const id = index % FAILING === FAILING - 1 ? 'file-that-is-not-there' : known
  return JSON.stringify({
    custom_id: idOf(index),
    method: 'POST',
    url: '/v1/chat/completions',
    body: { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: id } }] }] },
  })
}

/** How many of them fail by themselves. */
export function failingOf(lines: number): number {
  return Math.floor(lines / FAILING)
}

function doneOf({ request_counts: counts }: OpenAI.Batch): number {
  return (counts?.completed ?? 0) + (counts?.failed ?? 0)
}

async function readIds(client: OpenAI, fileId: string | null | undefined): Promise<string[]> {
  if (fileId === null || fileId === undefined) return []
  const text = await (await client.files.content(fileId)).text()
  return text
    .trimEnd()
    .split('\n')
    .map((line): string => JSON.parse(line).custom_id)
}

/** It ends by itself when its server is gone. */
function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It was faster.
  }
}

/** What becomes of a batch of which no line is lost and none answered twice. */
export function wholeBatch(lines: number): Partial<BatchKillResult> {
  const failed = failingOf(lines)
  const completed = lines - failed
  const counts = { total: lines, completed, failed }
  return { status: 'completed', missing: [], twice: [], completed, failed, counts }
}
