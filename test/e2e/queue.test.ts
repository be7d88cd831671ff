// A batch over a queue as its user sees it: one server, workers, a broker, each a process of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BROKERS } from '../support/brokers.ts'
import { isOver, readBatch, readOutputs, submitBatch } from '../support/batch-client.ts'
import { PROGRAM, runProgram, startServerForTest } from '../support/program.ts'
import { readSample, readSampleTruths } from '../support/samples.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const LINES = 120

/** Chats about the samples, each with its own question, so that no answer is known before. */
function chatLines(): string[] {
  const samples = readSampleTruths()
  return Array.from({ length: LINES }, (_, index) => {
    const sample = samples[index % samples.length]!
    const image = `data:image/png;base64,${readSample(sample.file).toString('base64')}`
    const content = [
      { type: 'image_url', image_url: { url: image } },
      { type: 'text', text: index % 2 === 0 ? '<CAPTION>' : '<DETAILED_CAPTION>' },
    ]
    const body = { model: 'flocap', messages: [{ role: 'user', content }], max_tokens: 60 + index }
    return JSON.stringify({
      custom_id: `line ${index}`,
      method: 'POST',
      url: '/v1/chat/completions',
      body,
    })
  })
}

async function startWorker(queue: string, home: string) {
  const child = spawn(process.execPath, [PROGRAM, 'worker', '--queue', queue, '--engines', '1'], {
    env: { ...process.env, FLOCAP_HOME: home },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let written = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    written += chunk
  })
  await expect.poll(() => written, { timeout: 60_000 }).toContain('Working for ')
  return child
}

for (const { name, missing, create } of BROKERS) {
  const title = missing === undefined ? name : `${name} (skipped: ${missing})`
  describe.skipIf(missing !== undefined)(`a batch over a queue on ${title}`, () => {
    it('is answered by workers, whole, over the death of its server and the leave of a worker', async () => {
      const broker = await create()
      onTestFinished(() => broker.remove())
      const homes = [temporaryFolder(), temporaryFolder(), temporaryFolder()] as const
      const first = await startWorker(broker.url, homes[0])
      const serve = () =>
        startServerForTest(['--queue', broker.url], { environment: { FLOCAP_HOME: homes[2] } })
      const server = await serve()
      await server.printed('Ready')
      const id = await submitBatch(server.url, '/v1/chat/completions', chatLines())
      await expect
        .poll(async () => (await readBatch(server.url, id)).request_counts.completed)
        .toBeGreaterThan(0)
      const left = once(first, 'exit')
      first.kill('SIGTERM')
      await server.stop('SIGKILL')
      expect(await left).toEqual([0, null])
      await startWorker(broker.url, homes[1])

      const again = await serve()
      await again.printed('Ready')
      await expect
        .poll(async () => isOver(await readBatch(again.url, id)), { timeout: 60_000 })
        .toBe(true)
      const batch = await readBatch(again.url, id)
      expect(batch).toMatchObject({
        status: 'completed',
        request_counts: { total: LINES, completed: LINES, failed: 0 },
      })
      const outputs = await readOutputs(again.url, batch)
      expect(outputs.map((line) => line.custom_id).toSorted()).toEqual(
        Array.from({ length: LINES }, (_, index) => `line ${index}`).toSorted(),
      )
      const metrics = await (await fetch(`${again.url}/metrics`)).text()
      expect(metrics).toContain('flocap_queue_workers 1\n')
      // The server itself has captioned nothing.
      expect(metrics).not.toMatch(/flocap_answers_total\{/)
    })
  })
}

it('says what to install, and that an address is none, before it serves', async () => {
  const wrong = await runProgram(['serve', '--queue', 'kafka://host', '--port', '0'])
  expect(wrong.code).not.toBe(0)
  expect(wrong.stderr).toContain('got kafka://host')
})
