// What a stranger or a broken client sends to files and batches: ids that are none, lists without an end,
// forms that nearly are one, batches of nothing. `{FILE}` in a body is a file that is there.

export interface HostileRequest {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly type?: string
  readonly body?: string | Buffer
  /** Whether it may be answered as if it were right. */
  readonly serves: boolean
}

/** Of an upload that is taken: what has to be in it then. */
export const CONTENT = 'the content'

const IDS = [
  '.',
  '..',
  '%2e%2e',
  '..%2f..%2f..%2fetc%2fpasswd',
  '%00',
  'file-%0a',
  '%',
  '%zz',
  '%ff%fe',
  '*',
  '__proto__',
  'constructor',
  'open',
  '.lock',
  'key-000000000000000000000000',
  'file-0000000000000000000000000%00.json',
  'file-0000000000000000000000000%0a',
  'file-００００００００００００００００００００００００００'.slice(0, 30),
  'FILE-0000000000000000000000000',
  'batch_0000000000000000000000000',
  'file-0000000000000000000000000',
  'x'.repeat(7_000),
]

const BY_ID = [
  ['GET', '/v1/files/ID'],
  ['GET', '/v1/files/ID/content'],
  ['DELETE', '/v1/files/ID'],
  ['GET', '/v1/batches/ID'],
  ['POST', '/v1/batches/ID/cancel'],
] as const

const ids: readonly HostileRequest[] = IDS.flatMap((id) =>
  BY_ID.map(([method, path]) => ({
    name: `${method} ${path} with ${id.slice(0, 40)}`,
    method,
    path: path.replace('ID', id),
    // `.` and `..` are taken out of a path by the client: what is left is a list.
    serves: /^(?:\.|%2e)+$/i.test(id) && method === 'GET',
  })),
)

const LISTS: readonly (readonly [path: string, serves?: 'serves'])[] = [
  ['/v1/files?limit=-1'],
  ['/v1/files?limit=1e9'],
  ['/v1/files?limit=NaN'],
  ['/v1/files?limit=1.5'],
  ['/v1/files?limit='],
  ['/v1/files?limit=%00'],
  ['/v1/files?order=constructor'],
  ['/v1/files?purpose=__proto__'],
  ['/v1/batches?limit=101'],
  ['/v1/batches?limit=0x10', 'serves'],
  ['/v1/files?after=..%2f..%2f', 'serves'],
  ['/v1/files?after=%00', 'serves'],
  [`/v1/batches?after=${'z'.repeat(7_000)}`, 'serves'],
  ['/v1/files?after=a&after=b&__proto__=c', 'serves'],
]

const NEW_BATCH = {
  input_file_id: '{FILE}',
  endpoint: '/v1/chat/completions',
  completion_window: '24h',
}

const BATCHES: readonly (readonly [name: string, fields: object])[] = [
  ['a number for a file', { input_file_id: 7 }],
  ['an object for a file', { input_file_id: { toString: 'x' } }],
  ['a list of files', { input_file_id: ['{FILE}'] }],
  ['a path for a file', { input_file_id: '../../../etc/passwd' }],
  ['a file with NUL behind it', { input_file_id: '{FILE}\0' }],
  ['a file with a slash behind it', { input_file_id: '{FILE}/content' }],
  ['a million letters for a file', { input_file_id: 'f'.repeat(1_000_000) }],
  ['an endpoint above', { endpoint: '/v1/chat/completions/../../files' }],
  ['an endpoint elsewhere', { endpoint: 'http://127.0.0.1:22/' }],
  ['its own endpoint', { endpoint: '/v1/batches' }],
  ['the tools as an endpoint', { endpoint: '/mcp' }],
  ['an endpoint with a query', { endpoint: '/v1/chat/completions?x=1' }],
  ['a window of nothing', { completion_window: '0h' }],
  ['a window of the past', { completion_window: '-24h' }],
  ['a window of 41 years', { completion_window: '360000h' }],
  ['a window of 31 days', { completion_window: '31d' }],
  ['a window in capitals', { completion_window: '24H' }],
  ['a window with a line break', { completion_window: '24h\n' }],
  ['a window in other digits', { completion_window: '٢٤h' }],
  ['seventeen pairs of metadata', { metadata: Object.fromEntries(pairs(17)) }],
  ['metadata with a long key', { metadata: { ['k'.repeat(65)]: 'v' } }],
  ['metadata with a long value', { metadata: { k: 'v'.repeat(513) } }],
  ['metadata inside of metadata', { metadata: { k: { k: 'v' } } }],
  ['metadata that is a list', { metadata: ['k', 'v'] }],
  ['metadata with a number', { metadata: { k: 1 } }],
  ['outputs for ever', { output_expires_after: { anchor: 'created_at', seconds: 1e308 } }],
  [
    'outputs for an hour less one',
    { output_expires_after: { anchor: 'created_at', seconds: 3599 } },
  ],
  ['outputs since another time', { output_expires_after: { anchor: 'never', seconds: 3600 } }],
  [
    'outputs for half a second',
    { output_expires_after: { anchor: 'created_at', seconds: 3600.5 } },
  ],
  ['outputs without a time', { output_expires_after: {} }],
]

function pairs(count: number): [string, string][] {
  return Array.from({ length: count }, (_, index) => [`k${index}`, 'v'])
}

interface Form {
  readonly type?: string
  readonly body: string | Buffer
  readonly serves?: 'serves'
}

const part = (head: string, content: string): string => `--b\r\n${head}\r\n\r\n${content}\r\n`
const disposition = (rest: string): string => `Content-Disposition: form-data; ${rest}`
const purpose = part(disposition('name="purpose"'), 'user_data')
const file = part(disposition('name="file"; filename="a"'), CONTENT)
const end = '--b--\r\n'

const FORMS: Readonly<Record<string, Form>> = {
  'no boundary': { type: 'multipart/form-data', body: purpose + file + end },
  'an empty boundary': { type: 'multipart/form-data; boundary=', body: purpose + file + end },
  'two boundaries': {
    type: 'multipart/form-data; boundary=c; boundary=b',
    body: purpose + file + end,
    serves: 'serves',
  },
  'another kind of form': {
    type: 'application/x-www-form-urlencoded',
    body: 'purpose=user_data&file=x',
  },
  'a form inside of a form': {
    body:
      purpose +
      part(
        `${disposition('name="file"')}\r\nContent-Type: multipart/mixed; boundary=c`,
        '--c\r\nContent-Disposition: file; filename="a"\r\n\r\nx\r\n--c--',
      ) +
      end,
  },
  'no end': { body: purpose + file },
  'an end and no parts': { body: end },
  'two ends': { body: purpose + file + end + purpose + file + end, serves: 'serves' },
  'a megabyte before it': {
    body: `${'x'.repeat(1_000_000)}\r\n${purpose}${file}${end}`,
    serves: 'serves',
  },
  'a megabyte behind it': { body: purpose + file + end + 'x'.repeat(1_000_000), serves: 'serves' },
  'line feeds alone': { body: (purpose + file + end).replaceAll('\r\n', '\n') },
  'two hundred headers': {
    body:
      purpose +
      part(`${'X: y\r\n'.repeat(200)}${disposition('name="file"; filename="a"')}`, CONTENT) +
      end,
    serves: 'serves',
  },
  'a header of a megabyte': {
    body:
      purpose +
      part(`X: ${'y'.repeat(1_000_000)}\r\n${disposition('name="file"; filename="a"')}`, 'x') +
      end,
  },
  'a name of a megabyte': { body: part(disposition(`name="${'n'.repeat(1_000_000)}"`), 'x') + end },
  'a part without a name': { body: purpose + part(disposition('filename="a"'), CONTENT) + end },
  'a part without a header': { body: `${purpose}--b\r\n\r\n${CONTENT}\r\n${end}` },
  'two dispositions': {
    body:
      purpose +
      part(`${disposition('name="x"')}\r\n${disposition('name="file"; filename="a"')}`, CONTENT) +
      end,
  },
  'a purpose as a file': {
    body: part(disposition('name="purpose"; filename="p"'), 'user_data') + file + end,
  },
  'a purpose with NUL': { body: part(disposition('name="purpose"'), 'user_data\0') + file + end },
  'a purpose of outputs': {
    body: part(disposition('name="purpose"'), 'batch_output') + file + end,
  },
  'no purpose': { body: file + end },
  'a file name that leads up': {
    body: purpose + part(disposition('name="file"; filename="../../../etc/passwd"'), CONTENT) + end,
    serves: 'serves',
  },
  'a file name in another charset': {
    body: purpose + part(disposition(`name="file"; filename*=utf-16le''%2e%00`), CONTENT) + end,
    serves: 'serves',
  },
  'a file name that is cut': {
    body: purpose + part(disposition(`name="file"; filename*=utf-8''%e2%28%a1`), CONTENT) + end,
    serves: 'serves',
  },
  'a file in base64': {
    body:
      purpose +
      part(
        `${disposition('name="file"; filename="a"')}\r\nContent-Transfer-Encoding: base64`,
        'eA==',
      ) +
      end,
  },
  'ten thousand fields': {
    body:
      Array.from({ length: 10_000 }, (_, n) => part(disposition(`name="f${n}"`), 'x')).join('') +
      file +
      end,
  },
  'a hundred thousand empty parts': { body: `--b\r\n\r\n\r\n`.repeat(100_000) + end },
  'fields of the language': {
    body:
      purpose +
      part(disposition('name="__proto__"'), 'x') +
      part(disposition('name="constructor"'), 'x') +
      file +
      end,
    serves: 'serves',
  },
  'an expiry beyond all time': {
    body:
      purpose +
      part(disposition('name="expires_after[anchor]"'), 'created_at') +
      part(disposition('name="expires_after[seconds]"'), '9'.repeat(400)) +
      file +
      end,
  },
  'an expiry that is no number': {
    body: purpose + part(disposition('name="expires_after[seconds]"'), '0x1000000') + file + end,
  },
  'half an expiry': {
    body: purpose + part(disposition('name="expires_after[anchor]"'), 'created_at') + file + end,
  },
}

export const HOSTILE_REQUESTS: readonly HostileRequest[] = [
  ...ids,
  ...LISTS.map(([path, serves]) => ({
    name: `a list of ${path.slice(0, 60)}`,
    method: 'GET',
    path,
    serves: serves === 'serves',
  })),
  ...BATCHES.map(([name, fields]) => ({
    name: `a batch with ${name}`,
    method: 'POST',
    path: '/v1/batches',
    type: 'application/json',
    body: JSON.stringify({ ...NEW_BATCH, ...fields }),
    serves: false,
  })),
  ...Object.entries(FORMS).map(([name, { type, body, serves }]) => ({
    name: `an upload with ${name}`,
    method: 'POST',
    path: '/v1/files',
    type: type ?? 'multipart/form-data; boundary=b',
    body,
    serves: serves === 'serves',
  })),
]
