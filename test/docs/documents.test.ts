// What the documents promise about themselves: links lead somewhere, every page can be found, and
// every command that is shown exists.
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { anchorsOf, codeBlocksOf, isFile, linksOf, listDocuments } from './documents.ts'

const DOCUMENTS = listDocuments()
/** From the README to a page about anything: to the index, and from there. */
const MAX_CLICKS = 2

describe('links', () => {
  it.each(DOCUMENTS)('of %s lead to files and headings that are there', (path) => {
    const dead = linksOf(path).filter(
      ({ to, anchor }) =>
        !isFile(to) || (anchor !== '' && to.endsWith('.md') && !anchorsOf(to).has(anchor)),
    )
    expect(dead).toEqual([])
  })

  it(`reach every page from the README in ${MAX_CLICKS} clicks`, () => {
    const reached = new Set(['README.md'])
    for (let click = 0; click < MAX_CLICKS; click += 1) {
      const pages = [...reached].filter((path) => path.endsWith('.md'))
      for (const { to } of pages.flatMap((path) => linksOf(path))) reached.add(to)
    }
    expect(DOCUMENTS.filter((path) => !reached.has(path))).toEqual([])
  })
})

describe('commands', () => {
  it.each(DOCUMENTS)('in %s exist, with their options', (path) => {
    const wrong = codeBlocksOf(path, ['console', 'sh', 'powershell'])
      .flatMap((code) => code.split('\n'))
      .flatMap((line) => findFlocapCommands(line))
      .filter((words) => !exists(words))
    expect(wrong).toEqual([])
  })
})

/** `flocap pull base`, in any of the ways in which it is started; without the words before it. */
function findFlocapCommands(line: string): string[][] {
  const commands = line
    .replace(/^[$#]\s+/, '')
    .replace(/\s#\s.*$/, '')
    .split(/&&|\||;/)
  return commands.flatMap((command) => {
    const words = command.trim().split(/\s+/)
    const launcher =
      /(?:^|\s)(?:npx flocap|flocap|node dist[/\\]cli[/\\]main\.js|npm start --)(?:\s|$)/
    const found = launcher.exec(command)
    if (found === null || ['docker', 'kubectl', 'systemctl', 'journalctl'].includes(words[0] ?? ''))
      return []
    return [
      command
        .slice(found.index + found[0].length)
        .trim()
        .split(/\s+/)
        .filter(Boolean),
    ]
  })
}

function exists(words: readonly string[]): boolean {
  let command: Command = createProgram()
  const rest = [...words]
  for (;;) {
    const next = command.commands.find((each) => each.name() === rest[0])
    if (next === undefined) break
    command = next
    rest.shift()
  }
  const serve = command.commands.find((each) => each.name() === 'serve')
  const options = [...command.options, ...(serve?.options ?? [])].map(({ long }) => long)
  return rest
    .filter((word) => word.startsWith('--'))
    .every((word) => ['--help', '--version', ...options].includes(word.split('=')[0] ?? ''))
}
