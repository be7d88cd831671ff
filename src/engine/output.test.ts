import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { expect, it } from 'vitest'
import { createRecordingLogger } from '../../test/support/recording-logger.ts'
import { logOutput } from './output.ts'

async function logged(text: string) {
  const { lines, logger } = createRecordingLogger()
  const output = Readable.from([Buffer.from(text)], { objectMode: false })
  logOutput(output, logger)
  await finished(output)
  await new Promise(setImmediate)
  return lines
}

it('logs what a library writes, a record for each line', async () => {
  expect(await logged('Warning: no Vulkan\n\n at operator()\n')).toEqual([
    {
      level: 'warn',
      fields: { line: 'Warning: no Vulkan' },
      message: 'output of the engine process',
    },
    { level: 'warn', fields: { line: ' at operator()' }, message: 'output of the engine process' },
  ])
})

it('passes on the last words of an engine with their cause', async () => {
  const err = { message: 'no memory', stack: 'Error: no memory' }
  const line = JSON.stringify({ level: 50, part: 'engine', err, msg: 'no memory' })
  expect(await logged(`${line}\n`)).toEqual([
    { level: 'error', fields: { part: 'engine', err }, message: 'no memory' },
  ])
})

it('takes JSON of others for a line like any other, and cuts what has no end', async () => {
  const [json, long] = await logged(`{"a":1}\n${'x'.repeat(5000)}`)
  expect(json?.fields).toEqual({ line: '{"a":1}' })
  expect(String(long?.fields['line'])).toHaveLength(2000)
})
