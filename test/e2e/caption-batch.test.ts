// `flocap caption --server --batch` on the built program: through kills of either side.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import OpenAI from 'openai'
import { expect, it } from 'vitest'
import { copyPictures, createPictures, readOutput } from '../support/folder-runs.ts'
import { PROGRAM, runProgram, startServerForTest } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const PICTURES = 40
const ARGS = ['-r', '--task', 'caption', '--format', 'txt,jsonl']

function batchArgs(folder: string, url: string): string[] {
  return ['caption', folder, '--server', url, '--batch', ...ARGS]
}

/** Started, and let go on until it has said this. */
async function runUntil(args: readonly string[], said: string) {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'close')
  let stderr = ''
  await new Promise<void>((resolve, reject) => {
    // It is read to its end: a program whose words nobody takes is another case.
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      if (stderr.includes(said)) resolve()
    })
    child.on('close', () => reject(new Error(`It ended before it said ${said}:\n${stderr}`)))
  })
  return { child, ended }
}

async function leftAt(url: string) {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none' })
  const [files, batches] = [await client.files.list(), await client.batches.list()]
  return { files: files.data.length, batches: batches.data }
}

it('takes up what a killed run has sent, and writes what a plain run writes', async () => {
  const environment = { FLOCAP_HOME: temporaryFolder() }
  const server = await startServerForTest(['--precision', 'fp32'], { environment })
  const [plain, folder] = [temporaryFolder(), temporaryFolder()]
  await createPictures(plain, PICTURES)
  writeFileSync(join(plain, 'torn.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]))
  copyPictures(plain, folder)

  const killed = await runUntil(batchArgs(folder, server.url), ' sent: ')
  killed.child.kill('SIGKILL')
  await killed.ended
  expect(readdirSync(folder).filter((name) => name.endsWith('.txt'))).toEqual([])

  const report = join(temporaryFolder(), 'report.json')
  const again = await runProgram([...batchArgs(folder, server.url), '--report', report])
  expect(again.stderr).toContain(' taken up: ')
  expect(again.stderr).toContain(`captioned ${PICTURES}, failed 1`)
  expect(again.code).toBe(1)
  expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({
    captioned: PICTURES,
    failed: [{ file: join(folder, 'torn.jpg'), code: 'invalid_image' }],
  })

  const left = await leftAt(server.url)
  expect(left.files).toBe(0)
  // The picture that failed is asked about once more; nothing else is.
  const counts = left.batches.map(({ request_counts: counted }) => counted?.total)
  expect(counts).toEqual([1, PICTURES + 1])

  await runProgram(['caption', plain, '--server', server.url, ...ARGS])
  expect(readOutput(folder)).toEqual(readOutput(plain))
})

it('waits through the end of its server, and a second run has nothing to do', async () => {
  const environment = { FLOCAP_HOME: temporaryFolder() }
  const first = await startServerForTest([], { environment })
  const folder = temporaryFolder()
  await createPictures(folder, PICTURES)
  const run = await runUntil(batchArgs(folder, first.url), ' sent: ')
  await first.stop('SIGKILL')
  const port = new URL(first.url).port
  await startServerForTest(['--port', port], { environment })
  expect(await run.ended).toEqual([0, null])
  expect(await leftAt(first.url)).toMatchObject({ files: 0, batches: [{ status: 'completed' }] })
  const second = await runProgram(batchArgs(folder, first.url))
  expect(second).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(`skipped ${PICTURES}`),
  })
  expect(second.stderr).not.toContain('sent')
})

it('says what it needs', async () => {
  const photo = ['caption', 'photo.jpg', '--batch']
  expect(await runProgram(photo)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Expected --server with --batch, got none.'),
  })
  expect(await runProgram([...photo, '--server', 'http://127.0.0.1:9', '--watch'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--batch and --watch exclude each other.'),
  })
})
