// What a hostile or broken agent sends to /mcp: JSON-RPC that is none, tools that are none, arguments
// that reach for files, addresses, time and memory. All of them have to be refused.
import { PNG_DATA_URL } from '../../support/pictures.ts'

export interface HostileCall {
  readonly name: string
  readonly body: string
}

const rpc = (method: unknown, params: unknown, more: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method, params, ...more })

const call = (tool: unknown, args: unknown): string =>
  rpc('tools/call', { name: tool, arguments: args })

const IMAGES: Readonly<Record<string, string>> = {
  'the environment of the process': '/proc/self/environ',
  'the memory of the process': '/proc/self/mem',
  'an open file of the process': '/proc/self/fd/0',
  'a device without end': '/dev/zero',
  'a terminal': '/dev/tty',
  'a password file': '/etc/passwd',
  'a password file, by its URL': 'file:///etc/passwd',
  'a password file, by a host': 'file://localhost/etc/passwd',
  'a share of Windows': '\\\\evil.example\\share\\x.png',
  'a device of Windows': '\\\\?\\C:\\x.png',
  'a stream of Windows': 'C:\\x.png:secret',
  'a name of Windows': 'CON',
  'a path with NUL': '/etc/passwd\0.png',
  'a path above': '../../../../etc/passwd',
  'a home': '~/.ssh/id_rsa',
  'a variable': '$HOME/.ssh/id_rsa',
  'a command': '$(id)',
  'a path of 100,000 letters': `/${'a'.repeat(100_000)}`,
  'half a character': '/tmp/\ud800.png',
  'slashes of Unicode': '/tmp∕..∕etc∕passwd',
  'a web address': 'https://evil.example/a.png',
  'a web address of this machine': 'http://127.0.0.1:22/',
  'a web address in octal': 'http://0177.0.0.1/',
  'a data URL of text': 'data:text/html,<script>alert(1)</script>',
  'a data URL without an end': 'data:image/png;base64',
  'a data URL of a password file': `data:image/png;base64,${Buffer.from('root:x:0:0').toString('base64')}`,
  'a JavaScript URL': 'javascript:alert(1)',
  'a blob URL': 'blob:https://evil.example/1',
  nothing: '',
}

const ARGUMENTS: readonly (readonly [name: string, tool: string, args: unknown])[] = [
  ['no arguments', 'read_text', undefined],
  ['arguments that are a list', 'read_text', [PNG_DATA_URL]],
  ['arguments that are a text', 'read_text', PNG_DATA_URL],
  ['a picture that is an object', 'read_text', { image: { path: '/etc/passwd' } }],
  ['one field too many', 'read_text', { image: PNG_DATA_URL, shell: 'id' }],
  ['nine pictures', 'caption_image', { images: Array(9).fill(PNG_DATA_URL) }],
  ['no pictures', 'caption_image', { images: [] }],
  ['a detail that is none', 'caption_image', { images: [PNG_DATA_URL], detail: 'everything' }],
  [
    'a beginning of 100,000 letters',
    'caption_image',
    { images: [PNG_DATA_URL], start_with: 'a'.repeat(100_000) },
  ],
  [
    'a query of 100,000 letters',
    'find_objects',
    { image: PNG_DATA_URL, query: 'a '.repeat(50_000) },
  ],
  ['a query of nothing', 'find_objects', { image: PNG_DATA_URL, query: '' }],
  ['a box of three numbers', 'describe_region', { image: PNG_DATA_URL, box: [0, 0, 1] }],
  ['a box of texts', 'describe_region', { image: PNG_DATA_URL, box: ['0', '0', '1', '1'] }],
  ['a box turned round', 'describe_region', { image: PNG_DATA_URL, box: [9, 9, 1, 1] }],
  [
    'a unit that is none',
    'describe_region',
    { image: PNG_DATA_URL, box: [0, 0, 1, 1], unit: 'mile' },
  ],
  ['a schema that is a text', 'extract', { image: PNG_DATA_URL, schema: '{}' }],
  [
    'a schema that lies elsewhere',
    'extract',
    { image: PNG_DATA_URL, schema: { $ref: 'file:///etc/passwd' } },
  ],
  ['a schema that refers to itself', 'extract', { image: PNG_DATA_URL, schema: { $ref: '#' } }],
  [
    'a schema of a billion items',
    'extract',
    { image: PNG_DATA_URL, schema: { type: 'array', items: { type: 'string' }, minItems: 1e9 } },
  ],
  ['a tool that is not there', 'write_file', { path: '/tmp/x', text: 'x' }],
  ['a tool of the language', '__proto__', {}],
  ['a tool named by a path', '../caption_image', { images: [PNG_DATA_URL] }],
]

const deep = (depth: number): unknown =>
  Array.from({ length: depth }).reduce<unknown>((inner) => ({ a: inner }), 1)

const MESSAGES: Readonly<Record<string, string>> = {
  'arguments of sixty levels': call('read_text', { image: deep(55) }),
  'arguments of a thousand levels': call('read_text', { image: deep(1000) }),
  'a method of the language': rpc('__proto__', {}),
  'a method that is an object': rpc({ toString: 1 }, {}),
  'a method that is not there': rpc('resources/read', { uri: 'file:///etc/passwd' }),
  'a prompt that is not there': rpc('prompts/get', { name: '../x' }),
  'sampling the other way round': rpc('sampling/createMessage', { messages: [] }),
  'parameters that are a list': rpc('tools/call', ['read_text', {}]),
  'a version of 1.0': rpc('tools/list', {}, { jsonrpc: '1.0' }),
  'an id that is an object': rpc('tools/list', {}, { id: { a: 1 } }),
  'an id beyond whole numbers': '{"jsonrpc":"2.0","id":1e999,"method":"tools/list"}',
  'a batch of a thousand': JSON.stringify(
    Array.from({ length: 1000 }, () => ({ jsonrpc: '2.0', id: 1, method: 'tools/list' })),
  ),
  'a batch of nothing': '[]',
  'a protocol of another age': rpc('initialize', {
    protocolVersion: 7,
    capabilities: [],
    clientInfo: null,
  }),
}

export const HOSTILE_CALLS: readonly HostileCall[] = [
  ...Object.entries(IMAGES).map(([name, image]) => ({ name, body: call('read_text', { image }) })),
  ...ARGUMENTS.map(([name, tool, args]) => ({ name, body: call(tool, args) })),
  ...Object.entries(MESSAGES).map(([name, body]) => ({ name, body })),
]
