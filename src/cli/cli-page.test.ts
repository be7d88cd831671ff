// Keeps docs/reference/cli.md equal to the commands: `npx vitest run -u` writes it anew.
import type { Command } from 'commander'
import { expect, it } from 'vitest'
import { createProgram } from './program.ts'

const HEAD = `# Commands

Made from \`src/cli/program.ts\`. What is asked for goes to standard output, everything else to standard error; the exit code is 0 when all went well and 1 when not. The name in brackets is the environment variable of an option: see [settings](settings.md).
`

function renderCommand(command: Command, parents: readonly string[]): string {
  const path = [...parents, command.name()]
  const own = command.commands.map((each) => renderCommand(each, path)).join('')
  return (own === '' || command.options.length > 1 ? renderSelf(command, path) : '') + own
}

function renderSelf(command: Command, path: readonly string[]): string {
  const words = command.registeredArguments.map((argument) => {
    const name = argument.variadic ? `${argument.name()}...` : argument.name()
    return `<${name}>`
  })
  const options = command.options.map(
    ({ flags, description }) => `| \`${flags}\` | ${description} |\n`,
  )
  return (
    `\n## ${[...path, ...words].join(' ').replace(/^/, '`')}\`\n\n${command.description()}\n` +
    (options.length === 0 ? '' : `\n| option | |\n| --- | --- |\n${options.join('')}`)
  )
}

it('describes every command on the reference page', async () => {
  const { commands } = createProgram()
  const page =
    HEAD +
    '\n`flocap` alone is `flocap serve`, `flocap models` alone is `flocap models list`, `flocap batches` alone is `flocap batches list`.\n' +
    commands.map((command) => renderCommand(command, ['flocap'])).join('')
  await expect(page).toMatchFileSnapshot('../../docs/reference/cli.md')
})
