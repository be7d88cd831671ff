// Keeps docs/reference/tasks.md equal to the table of tasks: `npx vitest run -u` writes it anew.
import { expect, it } from 'vitest'
import { DEFAULT_TASK, TASKS, TASK_IDS } from './tasks.ts'
import type { TaskId } from './tasks.ts'

const HEAD = `# Tasks

Made from \`src/caption/tasks.ts\`. A task is chosen by its token, its id or one of its names, in any case. In ordinary text only the token works, written exactly so and at the beginning: \`<OD>\`, \`<CAPTION_TO_PHRASE_GROUNDING> a red car\`, \`<REGION_TO_OCR> 34, 160, 597, 372\`. Any other text runs the default task, \`${DEFAULT_TASK}\`.

Regions are pixels of the upright picture, fractions of its sides, or four tokens \`<loc_0>\` to \`<loc_999>\`. Tasks marked "long" can give hundreds of tokens: a low limit cuts them in the middle.
`

const COLUMNS = `
| id | token | title | names | takes | answer | sent to the model |
| --- | --- | --- | --- | --- | --- | --- |
`

const OWN_TOKENS = `
## Tasks of one checkpoint

\`raw\` sends a prompt as it is written, for whatever else a checkpoint was trained on: \`{"task": "raw", "input": "<MY_TAG> and a text"}\`, \`--task raw --text "..."\`, or \`<RAW> ...\` in a chat. Tags in it are plain text, except tokens that the checkpoint's own tokenizer adds to Florence-2's. These are listed in \`GET /api/v1/status\` (\`task_tokens\`) and in the lists of models, and are usable by name: \`{"task": "my_task"}\` for \`<MY_TASK>\`, with \`input\` right behind it, the model \`id:my_task\`, or a chat that begins with \`<MY_TASK>\`.
`

function renderRow(id: TaskId): string {
  const { token, title, names, takes, answer, longAnswer, prompt, defaultInput } = TASKS[id]
  const cells = [
    `\`${id}\``,
    `\`${token}\``,
    title,
    names.join(', '),
    defaultInput === undefined ? takes : `${takes}, or \`${defaultInput}\``,
    answer.replaceAll('_', ' ') + (longAnswer ? ', long' : ''),
    `\`${prompt}\``,
  ]
  return `| ${cells.join(' | ')} |\n`
}

function renderTable(family: 'florence2' | 'fine_tune'): string {
  return (
    COLUMNS +
    TASK_IDS.filter((id) => TASKS[id].family === family)
      .map(renderRow)
      .join('')
  )
}

it('describes every task on its reference page', async () => {
  const page =
    HEAD +
    `\n## Tasks of every Florence-2 checkpoint\n${renderTable('florence2')}` +
    `\n## Tasks of fine-tunes\n\nOnly checkpoints that were trained on such a tag know it. The tags are no tokens: the model reads them as plain text. A model that is known not to have a task refuses it with the list of those that it has.\n${renderTable('fine_tune')}` +
    OWN_TOKENS
  await expect(page).toMatchFileSnapshot('../../docs/reference/tasks.md')
})
