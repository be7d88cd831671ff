import { expect, it, vi } from 'vitest'
import { createFakeCaptioner } from '../../support/fake-captioner.ts'
import { answerOf, callTool, messagesOf, rpc, textOf, ToolList } from '../../support/mcp.ts'
import { PNG_DATA_URL } from '../../support/pictures.ts'
import { createRecordedCaptioner } from '../../support/recorded-answers.ts'
import {
  type AllowedImageHosts,
  NO_IMAGE_HOSTS,
  parseImageHosts,
} from '../../../src/http/image-url/allowed-hosts.ts'
import { DEFAULT_ADMISSION, withAdmission } from '../../../src/caption/admission.ts'
import { verifies } from '../support/requirements.ts'
import { onEachTransport } from '../support/transports.ts'

const BASE = {
  width: expect.any(Number),
  height: expect.any(Number),
  demo: false,
  truncated: false,
}

function gate(): { readonly promise: Promise<void>; readonly release: () => void } {
  let release = (): void => undefined
  const promise = new Promise<void>((resolve) => {
    release = resolve
  })
  return { promise, release: () => release() }
}

/** Of each tool: arguments that it takes, and where its findings stand. */
const CALLS: Readonly<Record<string, Record<string, unknown>>> = {
  caption_image: { images: [PNG_DATA_URL] },
  read_text: { image: PNG_DATA_URL, where: true },
  find_objects: { image: PNG_DATA_URL },
  describe_region: { image: PNG_DATA_URL, box: [0, 0, 0.5, 0.5], unit: 'fraction' },
  describe_screen: { image: PNG_DATA_URL },
  extract: {
    image: PNG_DATA_URL,
    schema: { type: 'object', properties: { caption: { type: 'string' } }, required: ['caption'] },
  },
}

onEachTransport('/mcp', (open) => {
  it(`begins with initialize, without a session ${verifies('MCP-1')}`, async () => {
    const client = await open()
    const response = await client.request(
      '/mcp',
      rpc('initialize', {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'test', version: '1' },
      }),
    )
    expect(response.headers.get('mcp-session-id')).toBeNull()
    expect((await answerOf(response)).result).toMatchObject({
      protocolVersion: '2025-11-25',
      serverInfo: { name: 'flocap' },
      capabilities: { tools: { listChanged: false } },
    })
    expect((await answerOf(await client.request('/mcp', rpc('ping')))).result).toEqual({})
  })

  it(`describes six tools with closed arguments and typed results ${verifies('MCP-3')}`, async () => {
    const client = await open()
    const { result } = await answerOf(await client.request('/mcp', rpc('tools/list')))
    const { tools } = ToolList.parse(result)
    expect(tools.map(({ name }) => name)).toEqual(Object.keys(CALLS))
    for (const tool of tools) {
      expect(tool.annotations).toMatchObject({ readOnlyHint: true, idempotentHint: true })
      expect(tool.inputSchema).toMatchObject({ type: 'object', additionalProperties: false })
      expect(tool.outputSchema).toMatchObject({ type: 'object' })
    }
    const [caption, , find] = tools
    expect(caption?.description).toContain('1 to 8 pictures')
    expect(find?.description).toContain('300 characters')
  })

  it.each(Object.entries(CALLS))(
    `%s gives a text and structured content ${verifies('MCP-4')}`,
    async (name, args) => {
      // Nothing is recorded about regions.
      const captioner =
        name === 'describe_region' ? createFakeCaptioner() : createRecordedCaptioner()
      const client = await open({ captioner })
      const answer = await answerOf(await client.request('/mcp', callTool(name, args)))
      expect(answer.result?.isError).toBeUndefined()
      expect(textOf(answer)).not.toBe('')
      const structured = answer.result?.structuredContent
      const captions = structured?.['captions']
      expect(Array.isArray(captions) ? captions[0] : structured).toMatchObject(BASE)
    },
  )

  it(`says what is wrong with arguments ${verifies('MCP-5')}`, async () => {
    const client = await open()
    const said = async (name: string, args: unknown): Promise<string> => {
      const answer = await answerOf(await client.request('/mcp', callTool(name, args)))
      expect(answer.result?.isError).toBe(true)
      return textOf(answer)
    }
    expect(await said('find_objects', { image: PNG_DATA_URL, query: 5 })).toBe(
      'Expected a text of 1 to 300 characters for query, got 5. (invalid_request)',
    )
    expect(await said('caption_image', { images: Array.from({ length: 9 }, () => 'x') })).toMatch(
      /^Expected .*8.* for images, got /,
    )
    expect(await said('read_text', { image: PNG_DATA_URL, were: true })).toContain(
      'Did you mean where',
    )
    expect(await said('describe_region', { image: PNG_DATA_URL, box: [5, 5, 1, 1] })).toContain(
      'upper left and lower right corner',
    )
    const unknown = await answerOf(await client.request('/mcp', callTool('paint', {})))
    expect(unknown.error ?? unknown.result?.isError).toBeTruthy()
  })

  it(`tells the words so far to who asks for progress ${verifies('MCP-6')}`, async () => {
    const client = await open({ captioner: createFakeCaptioner({ text: 'A dog runs.' }) })
    const call = callTool('caption_image', CALLS['caption_image'], { progressToken: 'p' })
    const messages = await messagesOf(await client.request('/mcp', call))
    const told = messages.filter(({ method }) => method === 'notifications/progress')
    expect(told.length).toBeGreaterThan(0)
    expect(told[0]?.params).toMatchObject({ progressToken: 'p', progress: 1 })
    const silent = callTool('caption_image', CALLS['caption_image'])
    expect(await messagesOf(await client.request('/mcp', silent))).toHaveLength(1)
  })

  it(`refuses strangers before it reads ${verifies('MCP-8')}`, async () => {
    const client = await open({ settings: { apiKeys: ['secret'], keysForLoopback: true } })
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await client.request('/mcp', rpc('tools/list', {}, headers))).status
    expect(await status({ authorization: 'Bearer secret' })).toBe(200)
    expect(await status({})).toBe(401)
    expect(await status({ authorization: 'Bearer secret', origin: 'null' })).toBe(403)
    expect(await status({ authorization: 'Bearer secret', origin: 'https://evil.example' })).toBe(
      403,
    )
  })

  it(`refuses a body beyond the limit, as JSON-RPC ${verifies('MCP-9')}`, async () => {
    const client = await open({ settings: { maxBodyBytes: 1000 } })
    const call = callTool('read_text', { image: `data:image/png;base64,${'A'.repeat(2000)}` })
    const response = await client.request('/mcp', call)
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({
      jsonrpc: '2.0',
      id: null,
      error: { data: { code: 'body_too_large' } },
    })
  })

  it(`reads no path where no folder was named ${verifies('MCP-10')}`, async () => {
    const client = await open()
    const call = callTool('read_text', { image: '/etc/passwd' })
    expect(textOf(await answerOf(await client.request('/mcp', call)))).toContain('--mcp-root')
  })

  it(`has no session to open or end ${verifies('MCP-11')}`, async () => {
    const client = await open()
    expect((await client.request('/mcp')).status).toBe(405)
    expect((await client.request('/mcp', { method: 'DELETE' })).status).toBe(405)
  })

  it(`takes pictures of megabytes ${verifies('MCP-12')}`, async () => {
    const captioner = createFakeCaptioner()
    const client = await open({ captioner })
    const picture = Buffer.concat([
      Buffer.from(PNG_DATA_URL.split(',')[1] ?? '', 'base64'),
      Buffer.alloc(6_000_000, 'x'),
    ])
    const image = `data:image/png;base64,${picture.toString('base64')}`
    const response = await client.request('/mcp', callTool('read_text', { image }))
    expect((await answerOf(response)).result?.isError).toBeUndefined()
    expect(captioner.calls[0]?.request.picture.byteLength).toBe(picture.byteLength)
  })

  it('waits while the model is loaded, and says so', async () => {
    const state: { ready: boolean; reason: string } = { ready: false, reason: 'loading' }
    const client = await open({
      readiness: () => (state.ready ? { ready: true } : { ready: false, reason: state.reason }),
    })
    const call = callTool('read_text', { image: PNG_DATA_URL }, { progressToken: 1 })
    const answer = client.request('/mcp', call)
    setTimeout(() => {
      state.ready = true
    }, 300)
    const messages = await messagesOf(await answer)
    expect(messages[0]?.params?.['message']).toBe('The model is being loaded (0 s).')
    expect(messages.at(-1)?.result?.isError).toBeUndefined()
  })

  it('tells the place in the queue', async () => {
    const { promise: held, release } = gate()
    const captioner = withAdmission(createFakeCaptioner({ held }), {
      ...DEFAULT_ADMISSION,
      places: 1,
    })
    const client = await open({ captioner })
    const first = client.request('/mcp', callTool('read_text', { image: PNG_DATA_URL }))
    await vi.waitFor(() => expect(captioner.running).toBe(1))
    const call = callTool('read_text', { image: PNG_DATA_URL, where: true }, { progressToken: 1 })
    const second = client.request('/mcp', call)
    await vi.waitFor(() => expect(captioner.waiting).toBe(1))
    release()
    const told = (await messagesOf(await second)).map(({ params }) => params?.['message'])
    expect(told).toContain('Waiting: 1 in the queue.')
    await first
  })

  it('fetches by the policy of the server, and says how to allow it', async () => {
    const said = async (imageHosts: AllowedImageHosts, image: string): Promise<string> => {
      const client = await open({ settings: { imageHosts } })
      return textOf(await answerOf(await client.request('/mcp', callTool('read_text', { image }))))
    }
    expect(await said(NO_IMAGE_HOSTS, 'https://example.com/a.png')).toContain('--allow-image-urls')
    const everywhere = parseImageHosts(['*'])
    for (const address of [
      'http://169.254.169.254/latest/',
      'http://127.0.0.1/',
      'http://[::1]/',
    ]) {
      expect(await said(everywhere, address)).toContain('image_address_refused')
    }
    expect(await said(everywhere, 'https://user@8.8.8.8/')).toContain('invalid_image_url')
  })

  it(`stops the work of who has gone ${verifies('MCP-7')}`, async () => {
    const captioner = createFakeCaptioner({ delayMs: Infinity })
    const client = await open({ captioner })
    const gone = new AbortController()
    const call = callTool('read_text', { image: PNG_DATA_URL })
    const answer = Promise.resolve(client.request('/mcp', { ...call, signal: gone.signal }))
    await vi.waitFor(() => expect(captioner.calls).toHaveLength(1))
    gone.abort()
    await vi.waitFor(() => expect(captioner.aborted()).toBe(1))
    await answer.catch(() => undefined)
  })
})
