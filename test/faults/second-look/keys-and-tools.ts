// Keys that stand in an address, right and wrong, and what broken agents send to /mcp beside calls.

export const KEY = 'k3y-of-a-client'
export const OTHER_KEY = 'key-of-another'

export interface KeyInPath {
  readonly name: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly expected: number
}

const MODELS = '/v1/models'
const wrong = { authorization: 'Bearer wrong' }

export const KEYS_IN_PATHS: readonly KeyInPath[] = [
  { name: 'the right one', path: `/k/${KEY}${MODELS}`, expected: 200 },
  { name: 'the right one, encoded', path: `/k/%6b3y-of-a-client${MODELS}`, expected: 200 },
  { name: 'none', path: `/k/${MODELS}`, expected: 401 },
  { name: 'a wrong one', path: `/k/wrong${MODELS}`, expected: 401 },
  { name: 'NUL', path: `/k/%00${MODELS}`, expected: 401 },
  { name: 'a line break', path: `/k/${KEY}%0d%0a${MODELS}`, expected: 401 },
  { name: 'what is encoded badly', path: `/k/%zz${MODELS}`, expected: 401 },
  { name: 'half a character', path: `/k/%ed%a0%80${MODELS}`, expected: 401 },
  { name: 'one in capitals', path: `/k/${KEY.toUpperCase()}${MODELS}`, expected: 401 },
  { name: 'one behind a wrong one', path: `/k/wrong/k/${KEY}${MODELS}`, expected: 401 },
  { name: 'one behind the version', path: `/v1/k/${KEY}/models`, expected: 401 },
  { name: 'one in a query', path: `${MODELS}?/k/${KEY}/`, expected: 401 },
  { name: 'one behind a slash that is encoded', path: `/k%2f${KEY}${MODELS}`, expected: 401 },
  { name: 'one that leads up', path: `/k/${KEY}/..${MODELS}`, expected: 401 },
  { name: 'a path that leads out of it', path: `/x/../k/wrong${MODELS}`, expected: 401 },
  {
    name: 'a right one beside a wrong header',
    path: `/k/${KEY}${MODELS}`,
    headers: wrong,
    expected: 401,
  },
  {
    name: 'a wrong one beside a right header',
    path: `/k/wrong${MODELS}`,
    headers: { 'x-api-key': KEY },
    expected: 200,
  },
  { name: 'a right one and no such route', path: `/k/${KEY}/nowhere`, expected: 404 },
  {
    name: 'one of seven thousand letters',
    path: `/k/${'k'.repeat(7_000)}${MODELS}`,
    expected: 401,
  },
]

export interface ToolRequest {
  readonly name: string
  readonly method?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly serves?: boolean
}

const JSON_TYPE = 'application/json'
const usual = { 'content-type': JSON_TYPE, accept: `${JSON_TYPE}, text/event-stream` }
const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })
const initialize = (more: object): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
      ...more,
    },
  })

export const TOOL_REQUESTS: readonly ToolRequest[] = [
  {
    name: 'a session that was never begun',
    headers: { ...usual, 'mcp-session-id': 'x' },
    body: list,
    serves: true,
  },
  {
    name: 'the session of another',
    headers: { ...usual, 'mcp-session-id': '../../etc/passwd' },
    body: list,
    serves: true,
  },
  {
    name: 'a session of seven thousand letters',
    headers: { ...usual, 'mcp-session-id': 's'.repeat(7_000) },
    body: list,
    serves: true,
  },
  { name: 'the end of a session', method: 'DELETE', headers: { 'mcp-session-id': 'x' } },
  {
    name: 'a stream of a session',
    method: 'GET',
    headers: { accept: 'text/event-stream', 'last-event-id': '1' },
  },
  {
    name: 'a protocol of the future',
    headers: { ...usual, 'mcp-protocol-version': '2999-01-01' },
    body: list,
  },
  {
    name: 'a protocol that is none',
    headers: { ...usual, 'mcp-protocol-version': '__proto__' },
    body: list,
  },
  {
    name: 'a protocol of seven thousand letters',
    headers: { ...usual, 'mcp-protocol-version': '9'.repeat(7_000) },
    body: list,
  },
  {
    name: 'a list for a browser',
    headers: { ...usual, accept: 'text/html' },
    body: list,
    serves: true,
  },
  {
    name: 'a list as plain text',
    headers: { ...usual, 'content-type': 'text/plain' },
    body: list,
    serves: true,
  },
  {
    name: 'capabilities without an end',
    headers: usual,
    body: initialize({
      capabilities: {
        roots: { listChanged: true },
        x: Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`c${n}`, {}])),
      },
    }),
    serves: true,
  },
  {
    name: 'roots that are paths',
    headers: usual,
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, result: { roots: [{ uri: 'file:///' }] } }),
    serves: true,
  },
  {
    name: 'a change of roots',
    headers: usual,
    body: '{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}',
    serves: true,
  },
  {
    name: 'a request for roots',
    headers: usual,
    body: '{"jsonrpc":"2.0","id":1,"method":"roots/list"}',
    serves: true,
  },
  {
    name: 'an answer to nothing',
    headers: usual,
    body: '{"jsonrpc":"2.0","id":"7","result":{"a":1}}',
    serves: true,
  },
  {
    name: 'a cancellation of everything',
    headers: usual,
    body: '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"*"}}',
    serves: true,
  },
  { name: 'a web page', headers: { ...usual, origin: 'https://evil.example' }, body: list },
  { name: 'another host', headers: { ...usual, host: 'evil.example' }, body: list },
]
