// `flocap serve` as a user starts it: a real process, a real model, real sockets.
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { askCaption, childrenOf, readMetrics, SCENES } from '../support/ask-server.ts'
import { readDemoCaptions } from '../support/demo-captions.ts'
import {
  runProgram,
  type RunningServer,
  startServer,
  startServerForTest,
} from '../support/program.ts'
import {
  listRightSamples,
  readSample,
  readSampleTruth,
  referenceCaption,
} from '../support/samples.ts'
import { createFolder, removeFolder, temporaryFolder } from '../support/temporary-folder.ts'

const references = readDemoCaptions().cases.filter(({ task }) => task === '<MORE_DETAILED_CAPTION>')

const chatSchema = z.object({
  model: z.string(),
  choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]),
})
const captionSchema = z.object({ caption: z.string() })

const truncated = (file: Buffer): Buffer => file.subarray(0, file.length / 2)

describe('flocap serve', () => {
  const home = createFolder()
  const environment = { FLOCAP_HOME: home }
  let server: RunningServer

  beforeAll(async () => {
    server = await startServer([], { environment })
    await server.printed('Ready')
  })

  afterAll(async () => {
    await server.stop('SIGKILL')
    removeFolder(home)
  })

  const post = async (path: string, body: unknown, to = server): Promise<Response> =>
    fetch(to.url + path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })

  const chat = async (file: string, to = server): Promise<z.infer<typeof chatSchema>> => {
    const url = `data:image/png;base64,${readSample(file).toString('base64')}`
    const content = [
      { type: 'text', text: "What's in this image?" },
      { type: 'image_url', image_url: { url } },
    ]
    const response = await post(
      '/v1/chat/completions',
      {
        model: 'anything',
        messages: [{ role: 'user', content }],
      },
      to,
    )
    expect(response.status).toBe(200)
    return chatSchema.parse(await response.json())
  }

  it.each(listRightSamples().map(({ file, words }) => [file, words] as const))(
    'names what is drawn in %s and its background, in both dialects',
    async (file, words) => {
      const { choices } = await chat(file)
      const [{ message }] = choices
      for (const word of words) expect(message.content).toContain(word)

      const response = await post('/api/caption', { image: readSample(file).toString('base64') })
      expect(captionSchema.parse(await response.json()).caption).toBe(message.content)
    },
  )

  // Only fp32 promises the reference's words; int8 may read a letter otherwise.
  it('answers with the 3-beam captions of the reference in fp32', async () => {
    const exact = await startServer(['--precision', 'fp32'], { environment })
    try {
      await exact.printed('Ready')
      for (const reference of references) {
        const { choices } = await chat(reference.picture, exact)
        expect(choices[0].message.content).toBe(referenceCaption(reference.picture, reference.task))
      }
    } finally {
      await exact.stop('SIGKILL')
    }
  })

  it('says everywhere that its model is a demo', async () => {
    expect(server.stderr()).toContain('This is a demo model')
    expect((await chat('scene-00.png')).model).toBe('flocap-demo')
    const health = await fetch(`${server.url}/health`)
    expect(await health.json()).toMatchObject({ model: 'flocap-demo', demo: true })
  })

  it('answers on ::1 as well, where the machine has it', async () => {
    const port = new URL(server.url).port
    if (!server.stderr().includes('[::1]')) return
    const response = await fetch(`http://[::1]:${port}/v1/models`)
    expect(response.status).toBe(200)
  })

  const mistakes: [what: string, path: string, body: unknown, status: number][] = [
    ['no body', '/api/caption', '', 400],
    ['a body that is no JSON', '/v1/chat/completions', '{"messages":', 400],
    ['messages of the wrong type', '/v1/chat/completions', { messages: 7 }, 400],
    ['no image for Extras', '/api/caption', {}, 400],
    [
      'bytes that are no image',
      '/api/caption',
      { image: Buffer.from('hello').toString('base64') },
      400,
    ],
    [
      'a truncated image',
      '/api/caption',
      { image: truncated(readSample('scene-07.png')).toString('base64') },
      400,
    ],
  ]
  it.each(mistakes)('says what is wrong with %s, and goes on', async (_, path, body, status) => {
    const response = await post(path, body)
    expect(response.status).toBe(status)
    const text = await response.text()
    expect(text).toMatch(/"error"/)
    expect(text).not.toMatch(/ at |node:|\/dist\//)
    const next = await post('/api/caption', {
      image: readSample('scene-00.png').toString('base64'),
    })
    expect(captionSchema.parse(await next.json()).caption).toContain(
      readSampleTruth('scene-00.png').things[0]?.name,
    )
  })

  it('stays responsive while it captions', async () => {
    const work = { running: true }
    const started = performance.now()
    // Pictures that no cache has an answer for.
    const pictures = SCENES.map((scene) => Buffer.concat([scene, Buffer.from('responsive')]))
    const query = 'task=more_detailed_caption&num_beams=5'
    const busy = Promise.all(
      pictures.map(async (picture) => askCaption(server.url, picture, { query })),
    ).finally(() => {
      work.running = false
    })
    const delays: number[] = []
    while (work.running) {
      const began = performance.now()
      await (await fetch(`${server.url}/health`)).arrayBuffer()
      delays.push(performance.now() - began)
    }
    expect((await busy).map(({ status }) => status)).toEqual(pictures.map(() => 200))
    // Behind a process that captions itself, one answer would take as long as the captions. Other
    // work on the machine stretches both.
    const captioning = performance.now() - started
    const median = delays.toSorted((a, b) => a - b)[Math.floor(delays.length / 2)]
    expect(median).toBeLessThan(captioning / 4)
  })
})

describe('flocap serve, when it cannot start', () => {
  it('names the port that is taken and says what to do', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const { code, stderr } = await runProgram(['serve', '--port', String(port)])
    other.close()
    expect(code).toBe(1)
    expect(stderr).toContain(`Port ${port}`)
    expect(stderr).toContain('--port')
    expect(stderr).not.toMatch(/ at .*\.js/)
  })

  it('names a model folder that is not there', async () => {
    const home = temporaryFolder()
    const { code, stderr } = await runProgram([
      'serve',
      '--port',
      '0',
      '--model',
      join(home, 'none'),
    ])
    expect(code).toBe(1)
    expect(stderr).toContain(`There is no model folder at ${join(home, 'none')}`)
  })

  it('names the flag and what it must be', async () => {
    const { code, stderr } = await runProgram(['serve', '--port', 'http'])
    expect(code).toBe(1)
    expect(stderr).toContain("Expected a whole number from 0 to 65535 for --port, got 'http'")
  })
})

describe('the engine process of a server', () => {
  const health = z.object({ status: z.string() })

  // Elsewhere test/e2e/engine.test.ts kills engines whose process id it knows.
  it.runIf(process.platform === 'linux')(
    'may die: the request it had is answered all the same, and the next one too',
    async () => {
      const server = await startServerForTest([], {
        environment: { FLOCAP_HOME: temporaryFolder() },
      })
      await server.printed('Ready')
      const body = JSON.stringify({ image: readSample('scene-07.png').toString('base64') })
      const ask = async (): Promise<Response> =>
        fetch(`${server.url}/api/caption`, { method: 'POST', body })

      const pending = ask()
      await new Promise((resolve) => setTimeout(resolve, 60))
      for (const pid of childrenOf(server.child.pid!)) process.kill(pid, 'SIGKILL')
      const first = await pending
      expect([200, 503]).toContain(first.status)
      const second = await ask()
      expect(captionSchema.parse(await second.json()).caption).toContain(
        readSampleTruth('scene-07.png').things[0]?.name,
      )
      expect(health.parse(await (await fetch(`${server.url}/health`)).json()).status).toBe('ok')
    },
  )
})

describe('SIGTERM', () => {
  it('ends the server with exit code 0', async () => {
    const server = await startServer([], { environment: { FLOCAP_HOME: createFolder() } })
    await server.printed('Ready')
    expect(await server.stop('SIGTERM')).toBe(0)
  })

  it('lets those finish that are being answered, takes nobody new, and leaves no process', async () => {
    const server = await startServerForTest(['--answer-cache-mb', '0'], {
      environment: { FLOCAP_HOME: temporaryFolder() },
    })
    await server.printed('Ready')
    const engines = childrenOf(server.child.pid!)
    // More than run at a time, so that some wait when the signal comes.
    let answered = 0
    const asked = SCENES.map(async (scene) => {
      const answer = await askCaption(server.url, scene, { query: 'num_beams=5' })
      answered += 1
      return answer
    })
    const received = async (): Promise<number> => {
      const metrics = await readMetrics(server.url)
      const names = ['flocap_running', 'flocap_queue_depth{priority="interactive"}']
      const [running = 0, waiting = 0] = names.map((name) => metrics.get(name))
      return answered + running + waiting
    }
    await expect.poll(received, { timeout: 30_000, interval: 5 }).toBe(SCENES.length)
    const ended = server.stop('SIGTERM')
    await server.printed('finishing what is running')
    // Refused, or reset when it came while the port was being closed.
    await expect(askCaption(server.url, SCENES[0]!)).rejects.toThrow(
      /ECONNREFUSED|ECONNRESET|socket hang up/,
    )
    const answers = await Promise.all(asked)
    expect(answers.map(({ status }) => status)).toEqual(SCENES.map(() => 200))
    expect(await ended).toBe(0)
    for (const pid of engines) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})
