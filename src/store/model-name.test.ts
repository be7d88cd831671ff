import { describe, expect, it } from 'vitest'
import { FlocapError } from '../base/errors.ts'
import { isCommit, parseModelName, renderModelName } from './model-name.ts'
import { KNOWN_MODELS } from './registry.ts'

const JUNE = 'f0acedbf9b780e04fe1f9111fcf53187388f3d03'

describe('parseModelName', () => {
  it('knows the short names and gives their pins', () => {
    expect(parseModelName(' large ')).toMatchObject({
      kind: 'hub',
      repository: 'microsoft/Florence-2-large',
      revision: JUNE,
      known: { name: 'large' },
    })
  })

  it.each([
    ['someone/My-Florence.v2', 'someone/My-Florence.v2', 'main'],
    ['someone/model@v1.0', 'someone/model', 'v1.0'],
    ['someone/model@refs/pr/6', 'someone/model', 'refs/pr/6'],
    ['https://huggingface.co/someone/model', 'someone/model', 'main'],
    ['https://huggingface.co/someone/model/tree/dev', 'someone/model', 'dev'],
    ['https://hf.co/someone/model/', 'someone/model', 'main'],
  ])('reads %s as a repository of the Hub', (text, repository, revision) => {
    expect(parseModelName(text)).toEqual({ kind: 'hub', repository, revision, known: undefined })
  })

  it('keeps the pins of a known commit that is written out', () => {
    const name = parseModelName(`microsoft/Florence-2-large@${JUNE}`)
    expect(name).toMatchObject({ known: { name: 'large' } })
  })

  it('does not pin a repository that is named without a commit', () => {
    expect(parseModelName('microsoft/Florence-2-large')).toMatchObject({
      revision: 'main',
      known: undefined,
    })
  })

  it.each([
    '.',
    '..',
    './large',
    '../models/x',
    '/srv/models/x',
    'C:\\models\\x',
    'c:/models/x',
    '\\\\server\\share',
    '~/models/x',
    'models\\x',
  ])('reads %s as a folder', (path) => {
    expect(parseModelName(path)).toEqual({ kind: 'folder', path })
  })

  it('knows the bundled model', () => {
    expect(parseModelName('bundled')).toEqual({ kind: 'bundled' })
  })

  it.each([
    '',
    'huge',
    'a/b/c',
    'a//b',
    'a/',
    '/ b'.slice(1),
    'a/b@',
    'a/b@x@y',
    'a/b@../c',
    'a/b@/x',
    'a--b/c',
    'a/b..c',
    'a/b?x=1',
    'a/b#c',
    'a/b c',
    'a/b%2e',
    'http://huggingface.co/a/b',
    'https://example.com/a/b',
    'https://huggingface.co/a/b/blob/main/x',
    'a/é',
    'a/.b',
    'a/b.',
  ])('refuses %j and lists what it knows', (text) => {
    expect(() => parseModelName(text)).toThrow(FlocapError)
    expect(() => parseModelName(text)).toThrow(/no model called/)
  })

  it('says in its hint which names there are and how else to name a model', () => {
    try {
      parseModelName('huge')
    } catch (error) {
      const hint = error instanceof FlocapError ? (error.hint ?? '') : ''
      for (const { name } of KNOWN_MODELS) expect(hint).toContain(name)
      expect(hint).toContain('./model')
      return
    }
    throw new Error('it was not refused')
  })
})

describe('renderModelName', () => {
  it.each(['bundled', 'large', 'someone/model', 'someone/model@dev', './folder'])(
    'gives back %s',
    (text) => expect(renderModelName(parseModelName(text))).toBe(text),
  )

  it('prefers the short name', () => {
    const name = parseModelName(`https://huggingface.co/microsoft/Florence-2-large/tree/${JUNE}`)
    expect(renderModelName(name)).toBe('large')
  })
})

describe('isCommit', () => {
  it('tells content from a place where content may change', () => {
    expect(isCommit(JUNE)).toBe(true)
    expect(['main', JUNE.slice(0, 39), JUNE.toUpperCase()].some(isCommit)).toBe(false)
  })
})
