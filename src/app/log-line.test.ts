import { describe, expect, it } from 'vitest'
import { renderLogLine } from './log-line.ts'

const TIME = '2026-11-29T14:03:07.000Z'
const CLOCK = new Date(TIME).toTimeString().slice(0, 8)

function render(fields: object, colour = false): string {
  return renderLogLine(`${JSON.stringify({ level: 30, time: TIME, msg: 'hello', ...fields })}\n`, {
    colour,
  })
}

describe('renderLogLine', () => {
  it('tells of a caption what was asked, how much came back and how long it took', () => {
    const record = {
      msg: 'captioned',
      requestId: 'r',
      task: 'more_detailed_caption',
      words: 29,
      ms: 312,
    }
    expect(render(record)).toBe(`${CLOCK}  more detailed caption  29 words, 0.31 s\n`)
  })

  it('counts what was found where the answer is no text, and names answers from the cache', () => {
    expect(render({ msg: 'captioned', task: 'od', found: 4, ms: 0, cached: true })).toBe(
      `${CLOCK}  od  4 found, cached\n`,
    )
  })

  it('shows the fields of other records, but not what only ties records together', () => {
    expect(render({ engines: 2, requestId: 'r' })).toBe(`${CLOCK}  hello  engines=2\n`)
  })

  it('marks warnings, and shows the stack of a fault', () => {
    expect(render({ level: 40, code: 'not_found' })).toBe(
      `${CLOCK}  warn   hello  code=not_found\n`,
    )
    const cause = { type: 'Error', message: 'm', stack: 'Error: m\n    at here' }
    expect(render({ level: 50, cause })).toBe(`${CLOCK}  error  hello\nError: m\n    at here\n`)
  })

  it('uses colours only where it may', () => {
    expect(render({ level: 40 }, true)).toContain('\u001B[33m')
    expect(render({ level: 40 })).not.toContain('\u001B')
  })

  it('never passes on a sequence that the terminal would obey', () => {
    const line = render({ msg: 'a\u001B]0;title\u0007b', path: '/x\u009B2J\n' })
    expect(line).toBe(`${CLOCK}  a\\x1b]0;title\\x07b  path=/x\\x9b2J\\x0a\n`)
  })

  it('leaves a line that is no record as it is', () => {
    expect(renderLogLine('not json\n', { colour: false })).toBe('not json\n')
  })
})
