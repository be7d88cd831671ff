// Keeps docs/reference/settings.md equal to the table of settings: `npx vitest run -u` writes it anew.
import { expect, it } from 'vitest'
import { flagOf, hasFlag, SETTING_NAMES, type SettingName, SETTINGS } from './settings.ts'

const HEAD = `# Settings

Made from \`src/config/settings.ts\`. A flag goes before its environment variable, that before the default; an empty variable counts as none. Switches are \`true\`, \`1\`, \`yes\`, \`on\` or \`false\`, \`0\`, \`no\`, \`off\` in any case. [Commands](cli.md) tells which command takes which.

| flag | environment | default | |
| --- | --- | --- | --- |
`

const TAIL = `
Secrets have no flag: a command line is seen by everybody who lists processes. \`DEBUG\` is read only where its value is that of a switch, since other programs give it meanings of their own.
`

function renderRow(name: SettingName): string {
  const {
    environment,
    sharedEnvironment,
    placeholder,
    default: value,
    description,
  } = SETTINGS[name]
  const flag = hasFlag(name)
    ? `\`${flagOf(name)}${placeholder === undefined ? '' : ` <${placeholder}>`}\``
    : ''
  const variables = [environment, ...(sharedEnvironment === undefined ? [] : [sharedEnvironment])]
  const shown = String(value) === '' ? '' : `\`${String(value)}\``
  const cells = [flag, variables.map((each) => `\`${each}\``).join(', '), shown, description]
  return `| ${cells.join(' | ')} |\n`
}

it('describes every setting on its reference page', async () => {
  const page = HEAD + SETTING_NAMES.map(renderRow).join('') + TAIL
  await expect(page).toMatchFileSnapshot('../../docs/reference/settings.md')
})
