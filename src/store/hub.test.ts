// What is sent to whom, against a fetch that only remembers. Real sockets: test/e2e/store/.
import { describe, expect, it } from 'vitest'
import { caughtError } from '../../test/support/caught-error.ts'
import { createHub, type HubOptions } from './hub.ts'

interface Sent {
  readonly url: string
  readonly headers: Headers
}

type Answer = Response | Error

/** A fetch with prepared answers, one for each request. */
function createFetch(...answers: readonly Answer[]): { fetch: typeof fetch; sent: Sent[] } {
  const sent: Sent[] = []
  const left = [...answers]
  const fake: typeof fetch = (input, init) => {
    sent.push({
      url: input instanceof Request ? input.url : input.toString(),
      headers: new Headers(init?.headers),
    })
    expect(init?.redirect).toBe('manual')
    const answer = left.shift()
    if (answer === undefined) throw new Error('one request too many')
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
  }
  return { fetch: fake, sent }
}

function json(value: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(value), { headers })
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { location } })
}

const sleep = (): Promise<void> => Promise.resolve()
const OID = 'a'.repeat(40)
const SHA = 'b'.repeat(64)
const COMMIT = 'c'.repeat(40)
const FROM_START = { offset: 0, etag: undefined }

describe('the endpoint', () => {
  it.each([
    [undefined, 'https://huggingface.co/'],
    ['', 'https://huggingface.co/'],
    ['https://mirror.example', 'https://mirror.example/'],
    ['http://10.0.0.7:8080/hf', 'http://10.0.0.7:8080/hf/'],
  ])('%j is %s', (endpoint, expected) => {
    expect(createHub({ endpoint }).endpoint).toBe(expected)
  })

  it.each([
    'mirror.example',
    'ftp://mirror.example',
    'https://a:secret@mirror.example',
    'https://m/?x=1',
    'file:///x',
  ])('cannot be %s, and is not repeated in the message', async (endpoint) => {
    const error = await caughtError(() => createHub({ endpoint }))
    expect(error.code).toBe('invalid_setting')
    expect(error.message).not.toContain(endpoint)
  })

  it('of a file is where people find it', () => {
    const hub = createHub({ endpoint: 'https://mirror.example/hf' })
    expect(hub.fileAddress('a/b', 'main', 'config.json')).toBe(
      'https://mirror.example/hf/a/b/resolve/main/config.json',
    )
  })
})

describe('the token', () => {
  it.each([
    ['over the open network', { endpoint: 'http://mirror.example', token: 'hf_secret' }],
    ['with a line break', { token: 'hf_secret\nx: y' }],
    ['with a space', { token: 'hf secret' }],
  ] satisfies [string, HubOptions][])('is refused %s', async (_, options) => {
    const error = await caughtError(() => createHub(options))
    expect(error.code).toBe('invalid_setting')
    expect(error.message).not.toContain('secret')
  })

  it.each(['http://127.0.0.1:9000', 'http://localhost:9000', 'http://[::1]:9000'])(
    'may be sent unencrypted on this machine: %s',
    (endpoint) => {
      expect(() => createHub({ endpoint, token: 'hf_secret' })).not.toThrow()
    },
  )

  it('goes to the Hub and along its own redirects, never to another host', async () => {
    const { fetch, sent } = createFetch(
      redirect('/a/renamed/resolve/c/f'),
      redirect('https://cdn.example/x?Signature=y'),
      redirect('https://huggingface.co/back'),
      new Response('content'),
    )
    const hub = createHub({ fetch, token: ' hf_secret ' })
    const file = await hub.openFile('a/b', COMMIT, 'f', FROM_START)
    const bodies = []
    for await (const chunk of file.body()) bodies.push(Buffer.from(chunk).toString())
    expect(bodies.join('')).toBe('content')
    expect(
      sent.map(({ url, headers }) => [new URL(url).host, headers.get('authorization')]),
    ).toEqual([
      ['huggingface.co', 'Bearer hf_secret'],
      ['huggingface.co', 'Bearer hf_secret'],
      ['cdn.example', null],
      ['huggingface.co', 'Bearer hf_secret'],
    ])
  })

  it('does not go to another port or scheme of the same name', async () => {
    const { fetch, sent } = createFetch(
      redirect('https://huggingface.co:8443/x'),
      new Response('x'),
    )
    await createHub({ fetch, token: 'hf_secret' }).openFile('a/b', COMMIT, 'f', FROM_START)
    expect(sent[1]?.headers.get('authorization')).toBeNull()
  })

  it('is not there when there is none', async () => {
    const { fetch, sent } = createFetch(json({ sha: COMMIT }))
    await createHub({ fetch, token: '' }).resolveCommit('a/b', 'main')
    expect(sent[0]?.headers.has('authorization')).toBe(false)
  })
})

describe('requests', () => {
  it('name revisions as one part of the path', async () => {
    const { fetch, sent } = createFetch(json({ sha: COMMIT }))
    expect(await createHub({ fetch }).resolveCommit('a/b', 'refs/pr/6')).toBe(COMMIT)
    expect(sent[0]?.url).toBe('https://huggingface.co/api/models/a/b/revision/refs%2Fpr%2F6')
  })

  it('ask for the rest of a file, if it is still the same', async () => {
    const headers = { 'content-range': 'bytes 5-9/10', etag: '"v1"' }
    const { fetch, sent } = createFetch(new Response('56789', { status: 206, headers }))
    const file = await createHub({ fetch }).openFile('a/b', COMMIT, 'f', {
      offset: 5,
      etag: '"v1"',
    })
    expect(sent[0]?.headers.get('range')).toBe('bytes=5-')
    expect(sent[0]?.headers.get('if-range')).toBe('"v1"')
    expect(sent[0]?.headers.get('accept-encoding')).toBe('identity')
    expect(file).toMatchObject({ start: 5, size: 10, etag: '"v1"' })
  })

  it('take the hash from the Hub and the tag from whoever sends the bytes', async () => {
    const first = new Response(null, {
      status: 302,
      headers: { location: 'https://cdn.example/x', 'x-linked-etag': `"${SHA}"` },
    })
    const second = new Response('x', { headers: { etag: 'W/"weak"', 'content-length': '1' } })
    const { fetch } = createFetch(first, second)
    const file = await createHub({ fetch }).openFile('a/b', COMMIT, 'f', FROM_START)
    expect(file).toMatchObject({ announced: SHA, etag: undefined, start: 0, size: 1 })
  })

  it('do not believe the length of a body that was compressed all the same', async () => {
    const headers = { 'content-encoding': 'gzip', 'content-length': '5' }
    const { fetch } = createFetch(new Response('x', { headers }))
    const file = await createHub({ fetch }).openFile('a/b', COMMIT, 'f', FROM_START)
    expect(file.size).toBeUndefined()
  })

  it('are not led from an encrypted connection to one that is not', async () => {
    const { fetch } = createFetch(redirect('http://cdn.example/x'))
    const error = await caughtError(() =>
      createHub({ fetch }).openFile('a/b', COMMIT, 'f', FROM_START),
    )
    expect(error.message).toContain('not followed')
  })

  it('are not repeated when a certificate cannot be checked', async () => {
    const cause = Object.assign(new Error('self-signed certificate in certificate chain'), {
      code: 'SELF_SIGNED_CERT_IN_CHAIN',
    })
    const { fetch, sent } = createFetch(new TypeError('fetch failed', { cause }))
    const error = await caughtError(() => createHub({ fetch, sleep }).listFiles('a/b', COMMIT))
    expect(error.hint).toContain('NODE_EXTRA_CA_CERTS')
    expect(sent).toHaveLength(1)
  })

  it('are repeated when the network fails for a moment', async () => {
    const cause = Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' })
    const reasons: string[] = []
    const { fetch } = createFetch(new TypeError('fetch failed', { cause }), json([]))
    const files = await createHub({ fetch, sleep }).listFiles('a/b', COMMIT, {
      onRetry: (reason) => reasons.push(reason),
    })
    expect(files).toEqual([])
    expect(reasons).toEqual(['The name huggingface.co cannot be resolved (EAI_AGAIN).'])
  })
})

describe('a host that never answers', () => {
  it('is given up each time, and named', async () => {
    let asked = 0
    const silent: typeof fetch = async (_input, init) => {
      asked += 1
      return new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted')))
      })
    }
    const listed = createHub({ fetch: silent, sleep, idleMs: 5 }).listFiles('a/b', COMMIT)
    const error = await caughtError(async () => listed)
    expect(error.message).toContain('huggingface.co')
    expect(asked).toBeGreaterThan(1)
  })
})

describe('listings', () => {
  it('give each file the hash that its content must have', async () => {
    const { fetch } = createFetch(
      json([
        { type: 'directory', path: 'onnx', oid: OID, size: 0 },
        { type: 'file', path: 'config.json', oid: OID, size: 7 },
        {
          type: 'file',
          path: 'x.bin',
          oid: OID,
          size: 134,
          lfs: { oid: SHA, size: 9e9, pointerSize: 134 },
          xetHash: 'z',
        },
        { type: 'file', path: 'y.bin', oid: OID, size: 1, lfs: { oid: `sha256:${SHA}`, size: 1 } },
      ]),
    )
    expect(await createHub({ fetch }).listFiles('a/b', COMMIT)).toEqual([
      { path: 'config.json', size: 7, sha256: undefined, gitSha1: OID },
      { path: 'x.bin', size: 9e9, sha256: SHA, gitSha1: undefined },
      { path: 'y.bin', size: 1, sha256: SHA, gitSha1: undefined },
    ])
  })

  it('go on where the Link header says, and stay with the endpoint', async () => {
    const link =
      '<https://huggingface.co/api/models/a/b/tree/c?recursive=1&cursor=ab%3D%3D>; rel="next"'
    const { fetch, sent } = createFetch(
      json([], { link }),
      json([], { link: '<https://x/>; rel="prev"' }),
    )
    await createHub({ fetch, endpoint: 'https://mirror.example' }).listFiles('a/b', COMMIT)
    expect(sent.map(({ url }) => url)).toEqual([
      `https://mirror.example/api/models/a/b/tree/${COMMIT}?recursive=1`,
      `https://mirror.example/api/models/a/b/tree/${COMMIT}?recursive=1&cursor=ab%3D%3D`,
    ])
  })

  it('that never end are given up', async () => {
    const link = '<https://huggingface.co/?cursor=x>; rel="next"'
    const pages = Array.from({ length: 60 }, () => json([], { link }))
    const { fetch, sent } = createFetch(...pages)
    const error = await caughtError(() => createHub({ fetch }).listFiles('a/b', COMMIT))
    expect(error.message).toContain('without end')
    expect(sent).toHaveLength(50)
  })
})
