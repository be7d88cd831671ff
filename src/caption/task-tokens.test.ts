import { describe, expect, it } from 'vitest'
import { ADDED_TOKENS } from './control-tokens.ts'
import {
  findTaskToken,
  findTaskTokens,
  leadingTaskToken,
  mayBeTaskToken,
  mayLeadWithTaskToken,
  separateTokens,
} from './task-tokens.ts'

describe('findTaskTokens', () => {
  it('finds none in a tokenizer of Florence-2', () => {
    const own = ['<s>', '<pad>', '</s>', '<unk>', '<mask>', ...ADDED_TOKENS, '<image>']
    expect(findTaskTokens(own)).toEqual([])
  })

  it('finds what was added and looks like a task, in its order', () => {
    const added = ['<ZEBRA>', '<My-Task_2>', '</ZEBRA>', 'word', '< a>', '<a b>', '<1>', '<(a+)+$>']
    expect(findTaskTokens(added)).toEqual(['<ZEBRA>', '<My-Task_2>'])
  })
})

describe('separateTokens', () => {
  it('makes the tokens control tokens wherever they stand, and leaves every other tag a text', () => {
    expect(separateTokens('<A> to <B></s><loc_1>', ['<A>', '<B>'])).toEqual([
      { kind: 'token', token: '<A>' },
      { kind: 'text', text: ' to ' },
      { kind: 'token', token: '<B>' },
      { kind: 'text', text: '</s><loc_1>' },
    ])
  })

  it('leaves a text alone where the model has no tokens of its own', () => {
    expect(separateTokens('<A> to', [])).toEqual([{ kind: 'text', text: '<A> to' }])
  })
})

describe('the name of a token', () => {
  it.each(['<My_Task>', 'my_task', 'MY-TASK', ' my task '])('may be written %j', (name) => {
    expect(findTaskToken(name, ['<OTHER>', '<My_Task>'])).toBe('<My_Task>')
  })

  it.each(['', 'task', '<>', 'my_task_2'])('is not %j', (name) => {
    expect(findTaskToken(name, ['<My_Task>'])).toBeUndefined()
    expect(findTaskToken(name, undefined)).toBeUndefined()
  })

  it('chooses it at the beginning of a text, written exactly so', () => {
    expect(leadingTaskToken('  <MY_TASK> a', ['<MY_TASK>'])).toBe('<MY_TASK>')
    expect(leadingTaskToken('a <MY_TASK>', ['<MY_TASK>'])).toBeUndefined()
    expect(leadingTaskToken('<my_task>', ['<MY_TASK>'])).toBeUndefined()
  })
})

describe('mayBeTaskToken', () => {
  it.each(['MIX_CAPTION', '<MIX_CAPTION>', 'mix-caption', ' mix caption '])(
    'is so of %j',
    (name) => {
      expect(mayBeTaskToken(name)).toBe(true)
      expect(findTaskToken(name, ['<MIX_CAPTION>'])).toBe('<MIX_CAPTION>')
    },
  )

  it.each(['', 'od', '<OD>', '<s>', '</s>', '<loc_1>', '7b', 'a/b', 'x'.repeat(99)])(
    'is not so of %j',
    (name) => expect(mayBeTaskToken(name)).toBe(false),
  )
})

describe('mayLeadWithTaskToken', () => {
  it.each(['<MIX_CAPTION>', ' <Mix> of what?', '<div>'])('is so of %j', (text) => {
    expect(mayLeadWithTaskToken(text)).toBe(true)
  })

  it.each(['', 'What is <MIX>?', '<OD>', '<CAPTION> x', '<>', '< MIX', 'a <b>'])(
    'is not so of %j',
    (text) => expect(mayLeadWithTaskToken(text)).toBe(false),
  )
})
