import { describe, expect, it } from 'vitest'
import type { InstallEvent } from '../app/install-progress.ts'
import { createProgressPrinter } from './progress.ts'

function received(percent: number): InstallEvent {
  return {
    kind: 'file-progress',
    path: 'model.safetensors',
    size: 1000,
    received: percent * 10,
    totalReceived: percent * 10,
    totalBytes: 1000,
  }
}

function printed(isTTY: boolean, events: readonly InstallEvent[]): string {
  let text = ''
  const print = createProgressPrinter('base', {
    isTTY,
    write: (more) => {
      text += more
    },
  })
  for (const event of events) print(event)
  return text
}

describe('createProgressPrinter', () => {
  it('writes a line for every ten per cent into a log', () => {
    const events = [0, 3, 9, 10, 11, 57, 59, 60, 100].map(received)
    expect(printed(false, events)).toBe(
      [0, 10, 57, 60, 100].map((percent) => `Downloading base: ${percent} % of 1.00 kB\n`).join(''),
    )
  })

  it('rewrites one line on a terminal, and ends it before anything else is said', () => {
    const text = printed(true, [received(1), received(2), { kind: 'download-end', folder: '/x' }])
    expect(text).toBe(
      '\r\u001B[KDownloading base: 1 % of 1.00 kB, model.safetensors' +
        '\r\u001B[KDownloading base: 2 % of 1.00 kB, model.safetensors' +
        '\r\u001B[KDownloaded base; every file has the announced hash.\n',
    )
  })

  it('says what it waits for', () => {
    const reason = 'The connection ended at 3 of 9 bytes.'
    expect(
      printed(false, [
        { kind: 'lock-wait', pid: 7 },
        { kind: 'hub-question', endpoint: 'https://huggingface.co/' },
        { kind: 'hub-retry', reason, pauseMs: 400 },
        { kind: 'file-retry', path: 'config.json', reason, pauseMs: 1500 },
      ]),
    ).toBe(
      'base: waiting for another process that downloads the model\n' +
        'Asking huggingface.co for base.\n' +
        `${reason} Trying again in 1 s.\n` +
        `config.json: ${reason} Trying again in 2 s.\n`,
    )
  })
})
