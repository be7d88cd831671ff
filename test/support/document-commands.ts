// The commands that a document tells its reader to type, word for word, with what it shows as their output.
import { codeBlocksOf } from '../docs/documents.ts'

export interface DocumentCommand {
  readonly document: string
  /** As written, lines that a backslash or an open quotation mark continues included. */
  readonly command: string
  /** What the document shows below it; empty where it shows nothing. */
  readonly shown: readonly string[]
}

/** Those of consoles stand behind `$`; in scripts every line is one. */
export function commandsOf(document: string): DocumentCommand[] {
  return [
    ...codeBlocksOf(document, ['console']).flatMap((block) => readConsole(document, block)),
    ...codeBlocksOf(document, ['sh', 'bash']).flatMap((block) => readScript(document, block)),
  ]
}

function readConsole(document: string, block: string): DocumentCommand[] {
  const commands: { document: string; command: string; shown: string[] }[] = []
  for (const line of block.trimEnd().split('\n')) {
    const last = commands.at(-1)
    const [, typed] = /^[$#] (.*)$/.exec(line) ?? []
    if (last !== undefined && isOpen(last.command)) last.command += `\n${line}`
    else if (typed !== undefined)
      commands.push({ document, command: withoutRemark(typed), shown: [] })
    else last?.shown.push(line)
  }
  return commands
}

function readScript(document: string, block: string): DocumentCommand[] {
  return block
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((command) => ({ document, command, shown: [] }))
}

/** A quotation mark that is not closed yet. */
function isOpen(command: string): boolean {
  return (command.match(/'/g) ?? []).length % 2 === 1
}

/** Remarks stand behind several blanks. */
function withoutRemark(command: string): string {
  return command.replace(/\s{2,}#.*$/, '')
}
