// A batch over a queue as its user sees it: one server, workers, a broker, each a process of its own.
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BROKERS } from '../support/brokers.ts'
import { isOver, readBatch, readOutputs, submitBatch } from '../support/batch-client.ts'
import { runProgram, startServerForTest } from '../support/program.ts'
import { startWorkerForTest } from '../support/queue-program.ts'
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

for (const { name, missing, create } of BROKERS) {
  const title = missing === undefined ? name : `${name} (skipped: ${missing})`
  describe.skipIf(missing !== undefined)(`a batch over a queue on ${title}`, () => {
    it('is answered by workers, whole, over the death of its server and the leave of a worker', async () => {
      const broker = await create()
      onTestFinished(() => broker.remove())
      // The model is compiled once for all of them.
      const home = temporaryFolder()
      const first = await startWorkerForTest(broker.url, home)
      const serve = () =>
        startServerForTest(['--queue', broker.url], { environment: { FLOCAP_HOME: home } })
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
      await startWorkerForTest(broker.url, home)

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

const POSTGRES = BROKERS.find(({ name }) => name === 'PostgreSQL')
it.skipIf(POSTGRES?.missing !== undefined)(
  'refuses clocks that differ from those of PostgreSQL, by name: a worker ends, batches wait and say so',
  async () => {
    const broker = await POSTGRES!.create()
    onTestFinished(() => broker.remove())
    const environment = {
      FLOCAP_HOME: temporaryFolder(),
      NODE_OPTIONS: `--import ${fileURLToPath(new URL('../support/wrong-clock.mjs', import.meta.url))}`,
    }
    const off = 'Expected a clock within 5 s of'
    const worker = await runProgram(['worker', '--queue', broker.url], { environment })
    expect(worker).toMatchObject({ code: 1, stderr: expect.stringContaining(off) })
    const server = await startServerForTest(['--queue', broker.url], { environment })
    await server.printed('Ready')
    const id = await submitBatch(server.url, '/v1/chat/completions', chatLines().slice(0, 1))
    const errors = async () => JSON.stringify((await readBatch(server.url, id)).errors)
    await expect.poll(errors).toContain(off)
    const caption = await fetch(`${server.url}/api/v1/caption`, {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: readSample('scene-00.png'),
    })
    expect(caption.status).toBe(200)
  },
)

it('says what to install, and that an address is none, before it serves', async () => {
  const wrong = await runProgram(['serve', '--queue', 'kafka://host', '--port', '0'])
  expect(wrong.code).not.toBe(0)
  expect(wrong.stderr).toContain('got kafka://host')
})
