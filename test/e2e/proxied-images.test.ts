// Images by URL in a network that is left through a proxy only, and whose names only the proxy knows: the
// built program, TLS inside the tunnel, a certificate of the network's own.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { makeCertificate } from '../support/certificate.ts'
import { portOf } from '../support/port-of.ts'
import { startServerForTest } from '../support/program.ts'
import { referenceCaption, samplePath } from '../support/samples.ts'
import { startProxy } from '../support/stand-in-proxy.ts'
import { createFolder, removeFolder } from '../support/temporary-folder.ts'

const HOST = 'pictures.test'
const SAMPLE = 'scene-03.png'

const folder = createFolder()
const pair = makeCertificate(folder, HOST)
afterAll(() => removeFolder(folder))

async function startNetwork() {
  const server = createServer(
    { key: readFileSync(pair!.key), cert: readFileSync(pair!.certificate) },
    (_, response) => response.end(readFileSync(samplePath(SAMPLE))),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const port = portOf(server)
  return startProxy(() => ({ port }))
}

async function start(proxy: string, environment: Record<string, string>) {
  const home = createFolder()
  onTestFinished(() => removeFolder(home))
  const server = await startServerForTest(['--allow-image-urls'], {
    environment: { FLOCAP_HOME: home, HTTPS_PROXY: proxy, NO_PROXY: '', ...environment },
  })
  return async (task: string) => {
    const response = await fetch(`${server.url}/api/v1/caption`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ image: `https://${HOST}/${SAMPLE}`, task }),
    })
    return { status: response.status, text: await response.text() }
  }
}

describe.skipIf(pair === undefined)('images by URL through a proxy, on the built program', () => {
  it('caption a picture whose host the proxy looks up', async () => {
    const proxy = await startNetwork()
    const ask = await start(proxy.url, {
      NODE_EXTRA_CA_CERTS: pair!.certificate,
      FLOCAP_PROXY_RESOLVES: 'true',
    })
    const { status, text } = await ask('caption')
    expect(text).toContain(referenceCaption(SAMPLE, '<CAPTION>'))
    expect(status).toBe(200)
    expect(proxy.targets).toEqual([`${HOST}:443`])
  })

  it('say which setting helps where a name or a certificate is not known', async () => {
    const proxy = await startNetwork()
    const [unresolved, uncertified] = [
      await start(proxy.url, {}),
      await start(proxy.url, { FLOCAP_PROXY_RESOLVES: 'true' }),
    ]
    expect((await unresolved('caption')).text).toMatch(
      new RegExp(`${HOST} cannot be resolved.*--proxy-resolves`, 's'),
    )
    expect(proxy.targets).toEqual([])
    expect((await uncertified('caption')).text).toMatch(
      /certificate .*cannot be checked.*NODE_EXTRA_CA_CERTS/s,
    )
  })
})
