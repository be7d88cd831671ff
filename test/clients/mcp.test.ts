// The protocol's own client, in each of its modes, over HTTP.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { verifies } from '../contract/support/requirements.ts'
import { PNG_DATA_URL } from '../support/pictures.ts'
import { CAPTION, useLiveServers } from './live-server.ts'

const start = useLiveServers()

const MODES = [
  ['legacy', 'legacy', 'legacy'],
  ['auto', 'auto', 'modern'],
  ['pinned', { pin: '2026-07-28' }, 'modern'],
] as const

describe.each(MODES)('the client of the SDK, %s', (_name, mode, era) => {
  it(`lists and calls tools ${verifies('MCP-2')}`, async () => {
    const { url } = await start()
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
    onTestFinished(async () => client.close())
    await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)))
    expect(client.getProtocolEra()).toBe(era)
    expect((await client.listTools()).tools).toHaveLength(6)
    const told: string[] = []
    const result = await client.callTool(
      { name: 'caption_image', arguments: { images: [PNG_DATA_URL] } },
      { onprogress: ({ message = '' }) => told.push(message) },
    )
    expect(result.content).toEqual([{ type: 'text', text: CAPTION }])
    expect(result.structuredContent).toMatchObject({ captions: [{ caption: CAPTION }] })
    expect(told.length).toBeGreaterThan(0)
  })

  it(`gives up a call ${verifies('MCP-7')}`, async () => {
    const { url, captioner } = await start({ delayMs: Infinity })
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
    await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)))
    const stop = new AbortController()
    const answer = client.callTool(
      { name: 'read_text', arguments: { image: PNG_DATA_URL } },
      { signal: stop.signal },
    )
    answer.catch(() => undefined)
    await expect.poll(() => captioner.calls.length).toBe(1)
    stop.abort()
    await expect(answer).rejects.toBeInstanceOf(Error)
    // A client of 2025 says it in a request of its own, which a server without sessions cannot join
    // to the first; the end of its connection is understood by both.
    await client.close()
    await expect.poll(() => captioner.aborted()).toBe(1)
  })
})
