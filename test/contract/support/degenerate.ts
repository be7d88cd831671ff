// Bodies made to take long: one small thing, very often. Each as a beginning, a unit that is repeated and
// an end, so that megabytes of it need no memory before they are sent.
import { PNG_BASE64 } from '../../support/pictures.ts'

export interface DegenerateBody {
  readonly path: string
  readonly type: string
  readonly head: string
  readonly unit: string
  readonly tail: string
  /** Of the repeated part. */
  readonly bytes: number
}

type Shape = Omit<DegenerateBody, 'path' | 'type'>

const MB = 1024 * 1024

/** The default limit of a body is 64 MiB. */
const WHOLE = 60 * MB

/** What passes the limit of text besides pictures: 2 MiB. */
const TEXT = 2 * MB - 1024

/** What passes the limit of values: 6,000. */
const VALUES = 5_900

/** Where a text, and where a list, stands in the bodies of each dialect: `%` marks the place. */
const DIALECTS: readonly (readonly [path: string, text: string, list: string])[] = [
  ['/v1/chat/completions', '{"messages":[{"role":"user","content":"%"}]}', '{"messages":[%]}'],
  [
    '/v1/chat/completions',
    '{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"%"}}]}]}',
    '{"messages":[{"role":"user","content":[%]}]}',
  ],
  ['/v1/responses', '{"input":"%"}', '{"input":[%]}'],
  ['/api/generate', `{"stream":false,"images":["${PNG_BASE64}"],"prompt":"%"}`, '{"images":[%]}'],
  ['/api/generate', '{"stream":false,"images":["%"]}', '{"stop":[%]}'],
  [
    '/api/chat',
    '{"stream":false,"messages":[{"role":"user","content":"%"}]}',
    '{"stream":false,"messages":[%]}',
  ],
  ['/completion', '{"prompt":"%"}', '{"prompt":"","image_data":[%]}'],
  ['/sdapi/v1/interrogate', '{"image":"%"}', '{"image":[%]}'],
  ['/sdapi/v1/vqa', `{"image":"${PNG_BASE64}","question":"%"}`, '{"question":[%]}'],
  ['/sdapi/v1/caption', '{"image":"%"}', '{"image":[%]}'],
  ['/api/v1/generate', `{"images":["${PNG_BASE64}"],"prompt":"%"}`, '{"images":[%]}'],
  [
    '/v1/messages',
    '{"messages":[{"role":"user","content":[{"type":"text","text":"%"}]}]}',
    '{"messages":[{"role":"user","content":[%]}]}',
  ],
  [
    '/v1/messages',
    '{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","data":"%"}}]}]}',
    '{"tools":[%]}',
  ],
  ['/api/caption', '{"image":"%"}', '{"image":[%]}'],
  ['/api/v1/caption', '{"image":"%"}', '{"images":[%]}'],
  ['/api/v1/caption', `{"image":"${PNG_BASE64}","task":"ocr","text":"%"}`, '{"tasks":[%]}'],
  ['/api/show', '{"model":"%"}', '{"model":[%]}'],
]

/** Units inside a text; those of text alone come to the limit of text, base64 to that of bodies. */
const TEXTS: readonly Shape[] = [
  ...[
    'a ',
    '\\\\',
    '\\"',
    '\\n',
    '\\u0041',
    '\\ud800',
    'é',
    '€',
    '😀',
    '\u0301',
    '<',
    '<loc_1>',
    '<OD>',
    '<OD> ',
    '<CAPTION_TO_PHRASE_GROUNDING>',
    '[img-',
    '[img-1]',
    '![](',
    '](data:',
    'data:image/',
    'data:',
    ',/9j/4',
    'iVBORw0KGgo',
    ':',
    '\\n\\n',
    ' ',
    '. ',
    '{',
    '[',
    '(',
    'Image 1:',
    '<and>',
    'http://',
    '&',
    ';',
    '=',
    '%',
    '#',
    '| ',
    '* ',
    '``` ',
    '\\\\u003c',
  ].map((unit) => ({ head: '', unit, tail: '', bytes: TEXT })),
  { head: '', unit: 'A', tail: '', bytes: WHOLE },
  { head: '', unit: 'A', tail: '!', bytes: WHOLE },
  { head: '', unit: 'A', tail: '==A', bytes: WHOLE },
  { head: '', unit: '=', tail: '', bytes: WHOLE },
  { head: '', unit: 'AAAA\\n', tail: '', bytes: WHOLE },
  { head: '', unit: '\\/', tail: '', bytes: WHOLE },
  { head: '', unit: '\\r\\n', tail: '', bytes: WHOLE },
  { head: 'data:image/png;base64,', unit: '_-+/', tail: '', bytes: WHOLE },
  { head: 'data:image/png', unit: ';a', tail: ';base64,AAAA', bytes: TEXT },
  { head: 'data:', unit: ';', tail: ',', bytes: WHOLE },
  { head: 'data:,', unit: 'data:,', tail: '', bytes: WHOLE },
  { head: '', unit: `${'A'.repeat(5_000)} `, tail: '', bytes: WHOLE },
  { head: '', unit: `iVBORw0KGgo${'A'.repeat(5_000)},`, tail: '', bytes: WHOLE },
]

/** Units inside a list. */
const LISTS: readonly Shape[] = [
  ...[
    '0,',
    '{},',
    '[],',
    'null,',
    '"",',
    '"A",',
    '{"type":"text","text":"<OD>"},',
    '{"type":"image_url"},',
    '{"type":"image_url","image_url":{"url":"A"}},',
    '{"image":5},',
    '{"role":"user","content":"a"},',
    '{"role":"assistant","content":[]},',
    '{"type":"x"},',
    '{"role":"user","images":["A"]},',
    '{"data":"A"},',
    '{"type":"image","source":{}},',
  ].map((unit) => ({
    head: '',
    unit,
    tail: '0',
    bytes: Math.floor(VALUES / unit.split(',').slice(1).length) * unit.length,
  })),
  { head: '', unit: '{},', tail: '0', bytes: WHOLE },
  { head: '', unit: '[', tail: '', bytes: WHOLE },
  { head: '', unit: '{"a":', tail: '', bytes: WHOLE },
  { head: '', unit: '{"__proto__":[', tail: '', bytes: WHOLE },
  { head: '', unit: '"', tail: '', bytes: WHOLE },
  { head: '', unit: ' ', tail: '0', bytes: WHOLE },
  { head: '', unit: '1', tail: '', bytes: TEXT },
  { head: '-0.', unit: '0', tail: '1e-9', bytes: TEXT },
  { head: `"${'A'.repeat(10_000)}",`, unit: '1', tail: '', bytes: WHOLE },
]

/** Bodies that are not JSON, of FloCap's own route. */
const OTHERS: readonly Omit<DegenerateBody, 'path'>[] = [
  { type: 'image/png', head: '', unit: ' ', tail: '', bytes: WHOLE },
  { type: 'image/png', head: '\u0089PNG', unit: '\u0000', tail: '', bytes: WHOLE },
  { type: '', head: '', unit: '\n', tail: '{', bytes: WHOLE },
  ...[
    { head: '', unit: '\r\n-', tail: '' },
    { head: '', unit: '--x', tail: '' },
    { head: '', unit: '--x\r\n', tail: '' },
    { head: '', unit: '--x\r\n\r\n', tail: '' },
    {
      head: '',
      unit: '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n',
      tail: '--x--',
    },
    { head: '--x\r\n', unit: 'A: b\r\n', tail: '\r\n\r\n--x--' },
    { head: '--x\r\nContent-Disposition: form-data; name="', unit: 'a', tail: '"\r\n\r\n--x--' },
    {
      head: '--x\r\nContent-Disposition: form-data; name="image"\r\n\r\n',
      unit: 'AAAA',
      tail: '\r\n--x--',
    },
    {
      head: '--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n',
      unit: '\r\n--',
      tail: '\r\n--x--',
    },
    {
      head: '--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n',
      unit: '\r\n--\r',
      tail: '\r\n--x--',
    },
  ].map((shape) => ({ type: 'multipart/form-data; boundary=x', bytes: WHOLE, ...shape })),
]

function place(path: string, template: string, { head, tail, ...shape }: Shape): DegenerateBody {
  const [before = '', after = ''] = template.split('%')
  return {
    ...shape,
    path,
    type: 'application/json',
    head: before + head,
    tail: tail + after,
  }
}

/** Every shape in every dialect: many hundreds. */
export const DEGENERATE_BODIES: readonly DegenerateBody[] = [
  ...DIALECTS.flatMap(([path, text, list]) => [
    ...TEXTS.map((shape) => place(path, text, shape)),
    ...LISTS.map((shape) => place(path, list, shape)),
  ]),
  ...OTHERS.map((body) => ({ ...body, path: '/api/v1/caption' })),
]

export function describeBody({ path, type, head, unit, bytes }: DegenerateBody): string {
  const mb = (bytes / MB).toFixed(1)
  return `${path} ${type.split(';', 1)[0]} ${head.slice(-30)} ${mb} MB of ${JSON.stringify(unit.slice(0, 30))}`
}

/** In pieces as a socket hands them out, each in a turn of its own. */
export function streamBody({
  head,
  unit,
  tail,
  bytes,
}: DegenerateBody): ReadableStream<Uint8Array> {
  const perPiece = Math.max(1, Math.floor((64 * 1024) / Buffer.byteLength(unit)))
  const whole = Buffer.from(unit.repeat(perPiece))
  let left = Math.floor(bytes / Buffer.byteLength(unit))
  let begun = false
  return new ReadableStream(
    {
      async pull(controller) {
        await new Promise((resolve) => {
          setImmediate(resolve)
        })
        if (!begun) controller.enqueue(Buffer.from(head))
        begun = true
        const units = Math.min(left, perPiece)
        if (units > 0) controller.enqueue(whole.subarray(0, units * Buffer.byteLength(unit)))
        left -= units
        if (left > 0) return
        controller.enqueue(Buffer.from(tail))
        controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}
