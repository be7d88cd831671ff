// An answer as text, for the recorded files beside the tests: status, headers and body byte by
// byte, with what differs from run to run replaced.

const TRANSPORT_HEADERS = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'transfer-encoding',
])

const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID'],
  [/\b(chatcmpl-|resp_|msg_)[0-9a-f]{32}/g, '$1ID'],
  [/"created":\d+/g, '"created":SECONDS'],
  [/"created_at":\d+/g, '"created_at":SECONDS'],
  [/"created_at":"[^"]+"/g, '"created_at":"TIME"'],
]

export async function record(response: Response): Promise<string> {
  const headers = [...response.headers]
    .filter(([name]) => !TRANSPORT_HEADERS.has(name))
    .map(([name, value]) => `${name}: ${value}`)
  const text = [`HTTP ${response.status}`, ...headers, '', await response.text()].join('\n')
  return CHANGING.reduce((changed, [pattern, name]) => changed.replace(pattern, name), text)
}
