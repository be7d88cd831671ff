import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { createConfirm } from './confirm.ts'

function terminal(isTTY = true): { input: PassThrough; output: PassThrough } {
  const stream = (): PassThrough => Object.assign(new PassThrough(), { isTTY })
  return { input: stream(), output: stream() }
}

describe('createConfirm', () => {
  it.each([
    ['', true],
    ['y', true],
    ['Yes', true],
    ['n', false],
    ['no', false],
    ['what?', false],
  ])('takes %j as %s', async (answer, expected) => {
    const { input, output } = terminal()
    const asked = createConfirm({ input, output })?.('Download it?')
    input.write(`${answer}\n`)
    expect(await asked).toBe(expected)
    output.end()
    expect(await text(output)).toContain('Download it? [Y/n] ')
  })

  it('takes an end of the input for no', async () => {
    const { input, output } = terminal()
    const asked = createConfirm({ input, output })?.('Download it?')
    input.end()
    expect(await asked).toBe(false)
  })

  it('asks nothing where no one can answer', () => {
    expect(createConfirm(terminal(false))).toBeUndefined()
    const { input } = terminal()
    expect(createConfirm({ input, output: terminal(false).output })).toBeUndefined()
  })
})
