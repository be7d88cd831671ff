// A checkpoint whose tokenizer has a token for a task of its own: found, listed, and usable by name;
// and the tasks that a model is known not to have are refused.
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type RunningServer, runProgram, startServer } from '../../support/program.ts'
import { readSample, samplePath } from '../../support/samples.ts'
import { createFolder, removeFolder } from '../../support/temporary-folder.ts'

const MODEL = fileURLToPath(new URL('../../../models/flocap-demo/', import.meta.url))

const tokenizerSchema = z.looseObject({ added_tokens: z.array(z.looseObject({ id: z.number() })) })

/** The bundled model, whose embedding has rows that its tokenizer leaves free. */
function tagged(home: string): string {
  const folder = join(home, 'Tagged')
  cpSync(MODEL, folder, { recursive: true })
  const file = join(folder, 'tokenizer.json')
  const tokenizer = tokenizerSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  const last = tokenizer.added_tokens.reduce((most, { id }) => Math.max(most, id), 0)
  const token = (id: number, content: string) => ({
    ...{ id, content, special: true, normalized: false },
    ...{ single_word: false, lstrip: false, rstrip: false },
  })
  tokenizer.added_tokens.push(token(last + 1, '<LIST_COLOURS>'), token(900_000, '<NO_ROW>'))
  writeFileSync(file, JSON.stringify(tokenizer))
  return folder
}

describe('a token that a checkpoint adds', () => {
  const home = createFolder()
  const environment = { FLOCAP_HOME: home }
  let server: RunningServer
  let folder = ''

  beforeAll(async () => {
    folder = tagged(home)
    server = await startServer(['--model', folder, '--precision', 'fp32'], { environment })
    await server.printed('Ready')
  })

  afterAll(async () => {
    await server.stop()
    removeFolder(home)
  })

  const image = readSample('scene-00.png').toString('base64')

  const post = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return response.json()
  }
  const get = async (path: string): Promise<unknown> => (await fetch(server.url + path)).json()
  /** Tokens that the text encoder reads for a prompt. */
  const usageSchema = z.object({ usage: z.object({ prompt_tokens: z.number() }) })
  const answersSchema = z.object({ images: z.tuple([z.object({ answers: z.tuple([usageSchema]) })]) })
  const length = async (body: object): Promise<number> => {
    const answer = await post('/api/v1/caption', { image, ...body })
    return answersSchema.parse(answer).images[0].answers[0].usage.prompt_tokens
  }

  /** Something that the model knows how to answer; `a` before it is one token, as the task's is. */
  const TEXT = ' What does the image describe?'

  it('is listed in the status and among the names of the model', async () => {
    expect(await get('/api/v1/status')).toMatchObject({ model: { task_tokens: ['<LIST_COLOURS>'] } })
    const { data } = z
      .object({ data: z.array(z.object({ id: z.string() })) })
      .parse(await get('/v1/models'))
    expect(data.map(({ id }) => id)).toContain('tagged:list_colours')
  })

  it.each(['<LIST_COLOURS>', 'list_colours', 'list-colours'])(
    'is one token to the model when asked for as %s',
    async (task) => {
      const alone = await length({ task: 'raw', input: '<LIST_COLOURS>' })
      const behind = await length({ task: 'raw', input: `<LIST_COLOURS>${TEXT}` })
      expect(await length({ task })).toBe(alone)
      expect(await length({ task, input: TEXT })).toBe(behind)
      expect(await length({ tasks: [{ task, input: TEXT }] })).toBe(behind)
      expect(behind).toBe(await length({ task: 'raw', input: `a${TEXT}` }))
    },
  )

  it('is a control token in a prompt as written, and other tokens stay text', async () => {
    const one = await length({ task: 'raw', input: '<LIST_COLOURS>' })
    expect(await length({ task: 'raw', input: '<LIST_COLOURS><LIST_COLOURS>' })).toBe(one + 1)
    expect(await length({ task: 'raw', input: '</s>' })).toBeGreaterThan(one)
    expect(await length({ task: 'raw', input: '<NO_ROW>' })).toBeGreaterThan(one)
  })

  it('chooses its task in a chat, at the beginning of a text or behind the name of the model', async () => {
    const chat = async (model: string, text: string): Promise<unknown> =>
      post('/v1/chat/completions', {
        model,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text },
              { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } },
            ],
          },
        ],
      })
    const byText = usageSchema.parse(await chat('tagged', '<LIST_COLOURS>'))
    expect(byText.usage.prompt_tokens).toBe(await length({ task: 'list_colours' }))
    expect(await chat('tagged:list_colours', 'Hello')).toMatchObject({ usage: byText.usage })
  })

  it('takes no region', async () => {
    expect(
      await post('/api/v1/caption', { image, task: 'list_colours', region: [0, 0, 9, 9] }),
    ).toMatchObject({ error: { code: 'invalid_task_input', subject: 'region' } })
  })

  it('is usable in the command', async () => {
    const args = ['caption', samplePath('scene-00.png'), '--model', folder, '--precision', 'fp32']
    const { code, stdout } = await runProgram(
      [...args, '--task', 'raw', '--text', '<LIST_COLOURS>'],
      { environment },
    )
    expect(code).toBe(0)
    expect(stdout.trim()).not.toBe('')
  })
})

describe('a task that the model is known not to have', () => {
  it('is refused with the list of those that it has', async () => {
    const home = createFolder()
    try {
      const { code, stderr } = await runProgram(
        ['caption', samplePath('scene-00.png'), '--model', 'bundled', '--task', 'generate_tags'],
        { environment: { FLOCAP_HOME: home } },
      )
      expect(code).toBe(1)
      expect(stderr).toContain('The model flocap-demo was not trained on the task generate_tags.')
      expect(stderr).toContain('Its tasks are caption, detailed_caption,')
    } finally {
      removeFolder(home)
    }
  })
})
