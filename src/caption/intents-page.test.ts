// Keeps docs/reference/prompts.md equal to the table of intents: `npx vitest run -u` writes it.
import { expect, it } from 'vitest'
import { INTENTS } from './intents.ts'

const HEAD = `# Prompts in plain words

Made from \`src/caption/intents.ts\`. Florence-2 knows [tasks](tasks.md), not instructions, and programs send whatever prompt their user wrote. So ordinary words choose nothing, until you start FloCap with \`--prompts follow\`. Then a prompt that asks for one of these gets it:

| asked for | task | prompts that mean it |
| --- | --- | --- |
`

const TAIL = `
- The list is closed, in English, and looked for by its phrases alone: verbs with \`text\`, \`tags\`, \`keywords\`, \`labels\`, \`one sentence\`, \`short caption\`, \`alt text\`, \`objects\` and their like. Case does not matter.
- A sentence that forbids (\`do not transcribe\`, \`without tags\`) says nothing. A prompt that asks for two different things, or for none of these, gets the default task.
- A [task token](tasks.md) and the ending of a model's name (\`florence-2-large:ocr\`) win over words. The user's texts are read before those of the system, newest first.
- The answer says which task ran, in the header \`x-flocap-task\`.
`

it('describes every intent on its reference page', async () => {
  const rows = INTENTS.map(
    ({ title, task, examples }) =>
      `| ${title} | \`${task}\` | ${examples.map((text) => `"${text}"`).join(' ')} |\n`,
  )
  await expect(HEAD + rows.join('') + TAIL).toMatchFileSnapshot('../../docs/reference/prompts.md')
})
