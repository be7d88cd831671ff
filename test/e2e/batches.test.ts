// Batches on the built program, killed as a power cut would: the short form of `npm run faults:batches`.
import OpenAI, { toFile } from 'openai'
import { expect, it } from 'vitest'
import { killOverBatch, wholeBatch } from '../support/batch-kills.ts'
import { runProgram, startServerForTest } from '../support/program.ts'
import { readSample } from '../support/samples.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const LINES = 100

it('each line of a batch is answered once, though the server is killed three times', async () => {
  const result = await killOverBatch({ lines: LINES, kills: 3, home: temporaryFolder() })
  expect(result).toMatchObject(wholeBatch(LINES))
})

it('flocap batches lists and awaits them, and names what there is not', async () => {
  const server = await startServerForTest([], { environment: { FLOCAP_HOME: temporaryFolder() } })
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none' })
  const body = { image: readSample('scene-00.png').toString('base64') }
  const line = { custom_id: 'a', method: 'POST', url: '/api/v1/caption', body }
  const file = await toFile(Buffer.from(JSON.stringify(line)), 'in.jsonl')
  const { id: input_file_id } = await client.files.create({ file, purpose: 'batch' })
  const { id } = JSON.parse(
    await (
      await fetch(`${server.url}/v1/batches`, {
        method: 'POST',
        body: JSON.stringify({ input_file_id, endpoint: line.url, completion_window: '1h' }),
      })
    ).text(),
  )
  const there = ['--server', server.url]
  const waited = await runProgram(['batches', 'wait', id, ...there])
  expect(waited).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('completed, 1 of 1 done'),
  })
  expect(JSON.parse(waited.stdout)).toMatchObject({ id, status: 'completed' })
  const listed = await runProgram(['batches', ...there])
  expect(listed.stdout).toMatch(new RegExp(`^ID .*\\n${id} +completed +1 of 1 +0 `))
  const cancelled = await runProgram(['batches', 'cancel', id, ...there])
  expect(cancelled).toMatchObject({ code: 1, stderr: expect.stringContaining('is completed') })
  const missing = await runProgram(['batches', 'show', 'batch_1', ...there])
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('no batch "batch_1"') })
})
