// Commands that README.md, the guides and the help texts offer, in the shells in which they are typed:
// one form works in PowerShell 5.1, cmd and POSIX shells, or the document gives a second one.
import { describe, expect, it } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { commandsOf } from '../support/document-commands.ts'
import { differencesOf, mistakesOfPowerShell } from '../support/shell-forms.ts'
import { codeBlocksOf, listDocuments, readDocument } from './documents.ts'

const GUIDES = listDocuments().filter(
  (path) => path === 'README.md' || path.startsWith('docs/guide/'),
)

/** Commands for one kind of system, or with another form beside them, each with the reason. */
const OF_ONE_SYSTEM: readonly (readonly [document: RegExp, command: RegExp, reason: string])[] = [
  [
    /install\.md$/,
    /^tar xzf |^\.\/flocap-\*/,
    'the archive for Linux; for Windows it says: unpack',
  ],
  [/service\.md$/, /./, 'systemd; Windows has its own part in PowerShell'],
  [/kubernetes\.md$/, /^\(cd deploy/, 'kustomize, where clusters are managed from'],
  [/anthropic\.md$/, /^export /, 'has its form for PowerShell below it'],
  [/structured-answers\.md$/, /^curl -s .*base64/s, 'has its form for PowerShell below it'],
  [/devices\.md$/, /ONNXRUNTIME_NODE_INSTALL/, 'CUDA is for Linux here'],
]

const isExempt = (document: string, command: string): boolean =>
  OF_ONE_SYSTEM.some(([of, which]) => of.test(document) && which.test(command))

describe.each(GUIDES)('%s', (path) => {
  it('has commands that mean the same in every shell', () => {
    const different = commandsOf(path)
      .filter(({ command }) => !isExempt(path, command))
      .map(({ command }) => ({ command, because: differencesOf(command) }))
      .filter(({ because }) => because.length > 0)
    expect(different).toEqual([])
  })

  it('says that curl is curl.exe in PowerShell, where it has one', () => {
    if (!commandsOf(path).some(({ command }) => command.startsWith('curl '))) return
    expect(/curl\.exe|Invoke-RestMethod/.test(readDocument(path))).toBe(true)
  })

  it('has PowerShell that version 5.1 reads', () => {
    const lines = codeBlocksOf(path, ['powershell']).flatMap((block) => block.split('\n'))
    expect(lines.flatMap((line) => mistakesOfPowerShell(line).map((why) => [line, why]))).toEqual(
      [],
    )
  })
})

it('exempts no command that is not there', () => {
  const commands = GUIDES.flatMap(commandsOf)
  const needless = OF_ONE_SYSTEM.filter(
    ([of, which]) =>
      !commands.some(({ document, command }) => of.test(document) && which.test(command)),
  )
  expect(needless).toEqual([])
})

it('help texts have examples that mean the same in every shell', () => {
  const program = createProgram()
  const texts: string[] = []
  const collect = (command: typeof program): void => {
    command.configureOutput({ writeOut: (text) => void texts.push(text) }).outputHelp()
    for (const each of command.commands) collect(each)
  }
  collect(program)
  const examples = texts
    .flatMap((text) => text.split('\n'))
    .flatMap((line) => /^ {2}(flocap(?: .*?)?)(?: {2,}\S.*)?$/.exec(line)?.[1] ?? [])
    .filter((line) => !/\[options\]|<\w+>/.test(line))
  expect(examples.length).toBeGreaterThan(10)
  expect(examples.flatMap((line) => differencesOf(line).map((why) => [line, why]))).toEqual([])
})

describe('differencesOf', () => {
  it.each([
    'npm start -- --model base',
    'curl -H "Accept: text/plain" --data-binary "@photo.jpg" "http://127.0.0.1:5000/x?task=od"',
    'flocap caption "photos/**/*.jpg" --task "caption,od"',
    'flocap caption ./shards/*.tar',
  ])('finds none in %s', (command) => {
    expect(differencesOf(command)).toEqual([])
  })

  it.each([
    ['npm ci && npm start', '&&'],
    ["curl 'http://127.0.0.1:5000'", 'double quotes'],
    ['curl --data-binary @photo.jpg http://127.0.0.1:5000', '"@name"'],
    ['flocap caption --task caption,od photo.jpg', '"a,b"'],
    ['flocap caption --region 1,2,3,4 photo.jpg', '"a,b"'],
    ['curl -s \\\n  http://127.0.0.1:5000', 'one line'],
    ['echo KEY=x > .env', 'UTF-16'],
    ['flocap mcp --mcp-root "$HOME/Pictures"', 'variables'],
    ['flocap mcp --mcp-root ~/Pictures', '~'],
    ['./flocap pull base', './program'],
    ['flocap caption "photo.jpg', 'not closed'],
  ])('finds what differs in %s', (command, reason) => {
    expect(differencesOf(command).join('\n')).toContain(reason)
  })
})

it.each([
  ['npm ci && npm start', '&&'],
  ['curl http://127.0.0.1:5000', 'curl.exe'],
  ['curl.exe -d \'{"a": 1}\' http://127.0.0.1:5000', 'use a file'],
  ['curl.exe --data-binary @a.jpg http://127.0.0.1:5000', '"@name"'],
  ['export A=b', '$env:NAME'],
])('PowerShell 5.1 cannot read %s', (line, reason) => {
  expect(mistakesOfPowerShell(line).join('\n')).toContain(reason)
})
