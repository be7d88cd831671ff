import { afterEach, describe, expect, it, vi } from 'vitest'
import { FlocapError } from '../base/errors.ts'
import { pictureOnDisk } from '../folders/inputs/picture-file.ts'
import { renderOutcome } from './caption/print.ts'
import { reportFailure } from './report.ts'
import { renderTable } from './table.ts'

const HOSTILE = 'a\u001B[2Jb\u009B31m'
const ESCAPED = 'a\\x1b[2Jb\\x9b31m'

afterEach(() => {
  vi.restoreAllMocks()
})

function printedErrors(work: () => void): string {
  const spy = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  work()
  const text = spy.mock.calls.map(([line]) => String(line)).join('\n')
  spy.mockRestore()
  return text
}

describe('reportFailure', () => {
  const missing = new FlocapError('missing_image', 'There is no such file.', {
    subject: 'list.txt',
    hint: 'Check its name.',
  })

  it('names the file that an error is about, or what its caller calls it', () => {
    const report = (subject?: string): string =>
      printedErrors(() => reportFailure(missing, subject))
    expect(report()).toBe('list.txt: There is no such file.\n  Check its name.')
    expect(report('photo.jpg')).toContain('photo.jpg: There is no such file.')
  })

  it('leaves options to the sentence, which has them', () => {
    const wrong = new FlocapError('invalid_request', 'Expected one.', { subject: '--from' })
    expect(printedErrors(() => reportFailure(wrong))).toMatch(/^flocap: Expected one\./)
  })
})

describe('what reaches a terminal', () => {
  it('holds no escape sequence of an error', () => {
    const text = printedErrors(() => {
      const error = new FlocapError('invalid_model', `Tensor ${HOSTILE}`, { hint: HOSTILE })
      reportFailure(error, HOSTILE)
      reportFailure(new Error(HOSTILE))
    })
    expect(text).toContain(`${ESCAPED}: Tensor ${ESCAPED}\n  ${ESCAPED}`)
    expect(text).not.toMatch(/\p{Cc}(?<!\n)/u)
  })

  it('holds none of a table', () => {
    expect(renderTable([['NAME'], [HOSTILE]])).toBe(`NAME\n${ESCAPED}`)
  })

  it('holds none of the name of a picture, which programs get as it is', () => {
    const answer = {
      task: 'caption',
      text: 'A dog.\nA cat.',
      said: 'A dog. A cat.',
      data: { kind: 'text', text: 'A dog.\nA cat.' },
      confidence: 1,
      finishReason: 'stop',
      usage: { promptTokens: 1, completionTokens: 1 },
    } as const
    const picture = pictureOnDisk(HOSTILE, { label: HOSTILE, name: HOSTILE, output: '' })
    const captioned = { picture, width: 1, height: 1, answers: [answer], captions: [] }
    const options = { namesFile: true, namesTask: false, hasRules: false }
    const on = (isTerminal: boolean, json: boolean): string =>
      renderOutcome(
        { kind: 'captioned', picture, captioned, isKnown: false, kept: [] },
        { ...options, json, isTerminal },
      ) ?? ''
    expect(on(true, false)).toBe(`${ESCAPED}: A dog.\n${ESCAPED}: A cat.`)
    expect(on(false, false)).toContain(HOSTILE)
    expect(on(true, true)).not.toMatch(/\p{Cc}(?<!\n)/u)
    expect(JSON.parse(on(true, true))).toMatchObject({ file: HOSTILE })
  })
})
