// Requests that no HTTP library would send, as bytes: framing, header fields, targets, methods, bodies
// in odd encodings.
import { deflateRawSync, gzipSync } from 'node:zlib'
import { PNG } from '../../support/pictures.ts'

export interface RawRequest {
  readonly name: string
  readonly bytes: Uint8Array
  /** Whether it may be served: by default it has to be refused, or its connection closed. */
  readonly serves?: boolean
}

const CAPTION = '/api/v1/caption?task=caption&num_beams=1'
const HOST = 'Host: localhost'

/** A whole request; the length is right unless `headers` says it. */
function request(
  line: string,
  headers: readonly string[],
  body: string | Uint8Array = '',
): Uint8Array {
  const bytes = Buffer.from(body)
  const isFramed = headers.some((header) => /^(?:content-length|transfer-encoding)/i.test(header))
  const length = isFramed || bytes.byteLength === 0 ? [] : [`Content-Length: ${bytes.byteLength}`]
  const head = [line, ...headers, ...length].join('\r\n')
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), bytes])
}

const get = (target: string, ...headers: string[]): Uint8Array =>
  request(`GET ${target} HTTP/1.1`, [HOST, ...headers])

const post = (target: string, headers: readonly string[], body: string | Uint8Array): Uint8Array =>
  request(`POST ${target} HTTP/1.1`, [HOST, ...headers], body)

/** The picture in chunks as `frame` writes them. */
function chunked(body: Uint8Array | string, ...more: string[]): Uint8Array {
  return post(CAPTION, ['Content-Type: image/png', 'Transfer-Encoding: chunked', ...more], body)
}

const SIZE = PNG.byteLength.toString(16)
const chunkOf = (size: string, end = '\r\n0\r\n\r\n'): Buffer =>
  Buffer.concat([Buffer.from(`${size}\r\n`, 'latin1'), PNG, Buffer.from(end, 'latin1')])

type Row = readonly [name: string, bytes: Uint8Array, serves?: 'serves']

const VERSIONS: readonly Row[] = [
  ['HTTP/1.0 without a host', request('GET /health HTTP/1.0', []), 'serves'],
  [
    'HTTP/1.0 that would stay',
    request('GET /health HTTP/1.0', ['Connection: keep-alive']),
    'serves',
  ],
  [
    'HTTP/1.0 with a picture',
    request(`POST ${CAPTION} HTTP/1.0`, ['Content-Type: image/png'], PNG),
    'serves',
  ],
  [
    'HTTP/1.0 in chunks',
    request(`POST ${CAPTION} HTTP/1.0`, ['Transfer-Encoding: chunked'], chunkOf(SIZE)),
    'serves',
  ],
  ['HTTP/0.9', Buffer.from('GET /health\r\n\r\n'), 'serves'],
  ['HTTP/2 as it begins', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0')],
  ['HTTP/1.2', request('GET /health HTTP/1.2', [HOST])],
  ['HTTP/9.9', request('GET /health HTTP/9.9', [HOST])],
  ['no version at all', request('GET /health HTTP/', [HOST])],
  [
    'an upgrade to HTTP/2',
    get(
      '/health',
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQAAP__',
    ),
    'serves',
  ],
  [
    'an upgrade to a web socket',
    get(
      '/health',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==',
      'Sec-WebSocket-Version: 13',
    ),
    'serves',
  ],
  ['a TLS handshake', Buffer.from('16030100c8010000c40303', 'hex')],
  ['SSH', Buffer.from('SSH-2.0-OpenSSH_9.6\r\n')],
  ['a redis command', Buffer.from('*1\r\n$4\r\nPING\r\n')],
  ['nothing but line breaks', Buffer.from('\r\n'.repeat(2000))],
]

const CHUNKS: readonly Row[] = [
  ['a chunk extension', chunked(chunkOf(`${SIZE};name=value`)), 'serves'],
  ['a quoted chunk extension', chunked(chunkOf(`${SIZE};a="b;c\\"d"`)), 'serves'],
  ['a chunk extension of 100 kB', chunked(chunkOf(`${SIZE};${'x'.repeat(100_000)}`))],
  ['a line break in an extension', chunked(chunkOf(`${SIZE};a=\n0`))],
  ['an upper-case size with zeros', chunked(chunkOf(`0000${SIZE.toUpperCase()}`)), 'serves'],
  ['a size with 0x', chunked(chunkOf(`0x${SIZE}`))],
  ['a negative size', chunked(chunkOf(`-${SIZE}`))],
  ['a size with a plus', chunked(chunkOf(`+${SIZE}`))],
  ['a size of 2^64 - 1', chunked(chunkOf('ffffffffffffffff'))],
  ['a size of 2^64 + 1', chunked(chunkOf('10000000000000001'))],
  ['a size that is no number', chunked(chunkOf('zz'))],
  ['a size with blanks', chunked(chunkOf(`${SIZE}   `)), 'serves'],
  [
    'bare line feeds',
    chunked(Buffer.concat([Buffer.from(`${SIZE}\n`), PNG, Buffer.from('\n0\n\n')])),
  ],
  [
    'trailers that name another host',
    chunked(chunkOf(SIZE, '\r\n0\r\nHost: evil.example\r\nOrigin: https://evil.example\r\n\r\n')),
    'serves',
  ],
  [
    'trailers that say a length',
    chunked(chunkOf(SIZE, '\r\n0\r\nContent-Length: 5\r\n\r\n')),
    'serves',
  ],
  [
    'a thousand trailers',
    chunked(chunkOf(SIZE, `\r\n0\r\n${'X-Junk: 1\r\n'.repeat(1000)}\r\n`)),
    'serves',
  ],
  [
    'a trailer of 100 kB',
    chunked(chunkOf(SIZE, `\r\n0\r\nX-Junk: ${'x'.repeat(100_000)}\r\n\r\n`)),
  ],
  [
    'trailers without an end',
    chunked(chunkOf(SIZE, '\r\n0\r\nX: no-colon\r\nbroken line\r\n\r\n')),
  ],
  ['chunks and a length', chunked(chunkOf(SIZE), 'Content-Length: 5')],
  ['chunked twice', post(CAPTION, ['Transfer-Encoding: chunked, chunked'], chunkOf(SIZE))],
  [
    'chunked, then identity',
    post(CAPTION, ['Transfer-Encoding: chunked, identity'], chunkOf(SIZE)),
  ],
  [
    'gzip, then chunked',
    post(CAPTION, ['Transfer-Encoding: gzip, chunked'], chunkOf(SIZE)),
    'serves',
  ],
  ['an unknown transfer encoding', post(CAPTION, ['Transfer-Encoding: cow'], chunkOf(SIZE))],
  ['a vertical tab before chunked', post(CAPTION, ['Transfer-Encoding: \vchunked'], chunkOf(SIZE))],
]

const LENGTHS: readonly Row[] = [
  '+5',
  '0x10',
  '5,5',
  '5 5',
  '-1',
  '1e3',
  '5.0',
  '٥',
  '99999999999999999999',
  '18446744073709551617',
  '',
].map(
  (length) =>
    [
      `the length ${JSON.stringify(length)}`,
      post(CAPTION, [`Content-Length: ${length}`], PNG),
    ] as const,
)

const FIELDS: readonly Row[] = [
  ['two hosts', get('/health', 'Host: evil.example')],
  ['two lengths', post(CAPTION, ['Content-Length: 5', `Content-Length: ${PNG.byteLength}`], PNG)],
  [
    'the same length twice',
    post(CAPTION, [`Content-Length: ${PNG.byteLength}`, `Content-Length: ${PNG.byteLength}`], PNG),
  ],
  [
    'two origins',
    get('/api/v1/status', 'Origin: http://localhost', 'Origin: https://evil.example'),
  ],
  ['a folded line', get('/health', 'X-Folded: a\r\n b'), 'serves'],
  ['a field without a colon', get('/health', 'X-Nothing')],
  ['a blank before the colon', get('/health', 'X-Blank : a')],
  ['a field without a name', get('/health', ': a')],
  ['NUL in a value', get('/health', 'X-Nul: a\0b')],
  ['a carriage return in a value', get('/health', 'X-Cr: a\rb')],
  ['bytes above 127', get('/health', 'X-High: \xff\xfe\x80'), 'serves'],
  ['100 kB of cookies', get('/health', `Cookie: ${'a=b; '.repeat(20_000)}`)],
  ['a request id that breaks lines', get('/health', 'X-Request-Id: a%0d%0aSet-Cookie:x'), 'serves'],
  [
    '10,000 encodings that are accepted',
    get('/', `Accept-Encoding: ${'br;q=0.1,'.repeat(1000)}gzip`, 'Accept: text/html'),
    'serves',
  ],
  ['a range', get('/', 'Range: bytes=0-0,-1', 'Accept: text/html'), 'serves'],
  [
    'conditions',
    get('/', 'If-None-Match: *', 'If-Modified-Since: never', 'Accept: text/html'),
    'serves',
  ],
  [
    'an expectation that none meets',
    post(CAPTION, ['Expect: 200-ok', 'Content-Type: image/png'], PNG),
  ],
  ['an expectation of 100 kB', post(CAPTION, [`Expect: ${'1'.repeat(100_000)}`], PNG)],
  [
    'an expectation of 100 in capitals',
    post(CAPTION, ['Expect: 100-CONTINUE', 'Content-Type: image/png'], PNG),
    'serves',
  ],
  [
    'a proxy that a stranger names',
    get(
      '/api/v1/status',
      'Forwarded: for="_x";host=evil.example',
      'X-Forwarded-Host: evil.example',
    ),
    'serves',
  ],
  [
    'a key that is no key',
    get('/api/v1/status', `Authorization: Bearer ${'\xff'.repeat(200)}`),
    'serves',
  ],
  [
    'three kinds of keys',
    get('/api/v1/status', 'Authorization: Basic OjpAOg==', 'X-Api-Key: a', 'Api-Key: b'),
    'serves',
  ],
  [
    'method overrides',
    get('/api/v1/caption', 'X-HTTP-Method-Override: POST', 'X-Original-URL: /api/v1/status'),
  ],
  [
    'a site that is no site',
    get('/health', 'Sec-Fetch-Site: \xff', 'Sec-Fetch-Mode: cors'),
    'serves',
  ],
]

const TARGETS: readonly Row[] = [
  ['another host in the target', request('GET http://evil.example/health HTTP/1.1', [HOST])],
  ['a tunnel', request('CONNECT evil.example:80 HTTP/1.1', ['Host: evil.example:80'])],
  ['everything', request('OPTIONS * HTTP/1.1', [HOST]), 'serves'],
  ['a target of 100 kB', get(`/${'a'.repeat(100_000)}`)],
  ['a query of 60 kB', get(`/api/v1/status?${'a=b&'.repeat(15_000)}`)],
  ...[
    '/..%2f..%2f..%2fetc/passwd',
    '/assets/..%2f..%2fpackage.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/..\\..\\package.json',
    '/samples/%00',
    '/samples/%ff%fe',
    '/%',
    '/%zz',
    '/%c0%ae%c0%ae/',
    '/samples/scene-00.png%00.txt',
    '/assets//etc/passwd',
    '/samples/∕etc∕passwd',
    '/.env',
    '/.git/config',
    '/api/v1/caption/..;/status/x',
    '/constructor',
    '/__proto__',
    '/toString',
    '/v1/models/__proto__',
    '/api/v1//nowhere',
  ].map((target) => [`the target ${target}`, get(Buffer.from(target).toString('latin1'))] as const),
]

const METHODS: readonly Row[] = [
  'TRACE',
  'TRACK',
  'PURGE',
  'PATCH',
  'DELETE',
  'PROPFIND',
  'M-SEARCH',
  'LINK',
  'get',
  'G\0ET',
  'GET\t',
  'X'.repeat(10_000),
  '',
].map(
  (method) =>
    [
      `the method ${JSON.stringify(method.slice(0, 10))}`,
      request(`${method} /api/v1/status HTTP/1.1`, [HOST]),
    ] as const,
)

const JSON_CAPTION = JSON.stringify({ image: Buffer.from(PNG).toString('base64'), task: 'caption' })
const BOMB = Buffer.alloc(50_000_000, ' ')

const ENCODINGS: readonly Row[] = [
  [
    'gzip: 50 MB of blanks',
    post(CAPTION, ['Content-Encoding: gzip', 'Content-Type: application/json'], gzipSync(BOMB)),
  ],
  ['deflate: 50 MB of blanks', post(CAPTION, ['Content-Encoding: deflate'], deflateRawSync(BOMB))],
  ...['br', 'zstd', 'x-gzip', 'aes128gcm', 'gzip, identity', 'identity, gzip', 'GZIP', '\xff'].map(
    (coding) =>
      [
        `the content encoding ${coding}`,
        post(CAPTION, [`Content-Encoding: ${coding}`], PNG),
      ] as const,
  ),
  ...['utf-16le', 'utf16le', 'ucs2'].map(
    (charset) =>
      [
        `JSON in ${charset}`,
        post(
          '/api/v1/caption',
          [`Content-Type: application/json; charset=${charset}`],
          Buffer.from(JSON_CAPTION, 'utf16le'),
        ),
      ] as const,
  ),
  [
    'JSON in UTF-7',
    post(
      '/api/v1/caption',
      ['Content-Type: application/json; charset=utf-7'],
      '+AHs-"image":"x"+AH0-',
    ),
  ],
  [
    'JSON in UTF-32',
    post(
      '/api/v1/caption',
      ['Content-Type: application/json'],
      Buffer.from(Array.from(Buffer.from(JSON_CAPTION), (letter) => [0, 0, 0, letter]).flat()),
    ),
  ],
  [
    'JSON behind a byte order mark',
    post('/api/v1/caption', ['Content-Type: application/json'], `\ufeff${JSON_CAPTION}`),
    'serves',
  ],
  [
    'overlong UTF-8',
    post(
      '/api/v1/caption',
      ['Content-Type: application/json'],
      Buffer.concat([Buffer.from('{"task":"'), Buffer.from('c0afc0ae', 'hex'), Buffer.from('"}')]),
    ),
  ],
  [
    'surrogates in UTF-8',
    post(
      '/api/v1/caption',
      ['Content-Type: application/json'],
      Buffer.concat([Buffer.from('{"task":"'), Buffer.from('eda080', 'hex'), Buffer.from('"}')]),
    ),
  ],
  [
    'a type of 10 kB',
    post(CAPTION, [`Content-Type: image/png;${'a=b;'.repeat(2500)}`], PNG),
    'serves',
  ],
  [
    'a form whose boundary is a regular expression',
    post(
      CAPTION,
      ['Content-Type: multipart/form-data; boundary=(a+)+$'],
      '--(a+)+$\r\n\r\n\r\n--(a+)+$--\r\n',
    ),
  ],
  [
    'a form within a form',
    post(
      CAPTION,
      ['Content-Type: multipart/form-data; boundary=x'],
      '--x\r\nContent-Disposition: form-data; name="file"\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n\r\n--y--\r\n--x--\r\n',
    ),
  ],
  [
    'a file name with NUL and slashes',
    post(
      CAPTION,
      ['Content-Type: multipart/form-data; boundary=x'],
      Buffer.concat([
        Buffer.from(
          '--x\r\nContent-Disposition: form-data; name="file"; filename="../../\0etc/passwd"\r\n\r\n',
        ),
        PNG,
        Buffer.from('\r\n--x--\r\n'),
      ]),
    ),
    'serves',
  ],
  [
    'two dispositions',
    post(
      CAPTION,
      ['Content-Type: multipart/form-data; boundary=x'],
      '--x\r\nContent-Disposition: attachment\r\nContent-Disposition: form-data; name="file"\r\n\r\n\r\n--x--\r\n',
    ),
  ],
]

export const RAW_REQUESTS: readonly RawRequest[] = [
  ...VERSIONS,
  ...CHUNKS,
  ...LENGTHS,
  ...FIELDS,
  ...TARGETS,
  ...METHODS,
  ...ENCODINGS,
].map(([name, bytes, serves]) => ({ name, bytes, serves: serves === 'serves' }))
