// What the measurements of the queue have in common: a Redis and a server of their own, a batch of given lines.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const PROGRAM = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const SAMPLES = new URL('../models/flocap-demo/samples/', import.meta.url)
const SCENE = 'scene-00.png'

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** @returns its address, and what ends it */
export async function startRedis(folder) {
  const port = await freePort()
  const flags = ['--port', `${port}`, '--save', '', '--appendonly', 'no', '--dir', folder]
  const redis = spawn('redis-server', flags, { stdio: 'ignore' })
  await sleep(500)
  return { url: `redis://127.0.0.1:${port}`, stop: () => redis.kill() }
}

/** @returns the process, its address and the milliseconds until it could answer */
export async function startServer(args, environment, nodeArgs = [], program = PROGRAM) {
  const port = await freePort()
  const start = performance.now()
  const all = [...nodeArgs, program, 'serve', '--port', `${port}`, '--log', 'quiet', ...args]
  const child = spawn(process.execPath, all, {
    env: { ...process.env, ...environment },
    stdio: 'ignore',
  })
  const url = `http://127.0.0.1:${port}`
  for (;;) {
    const isReady = await fetch(`${url}/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) return { child, url, readyMs: performance.now() - start }
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`)
    await sleep(10)
  }
}

export async function stop(child) {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** @returns the batch's id */
export async function submit(url, count) {
  const picture = await upload(url, 'vision', SCENE, readFileSync(new URL(SCENE, SAMPLES)))
  const content = [{ type: 'file', file: { file_id: picture } }]
  const body = { messages: [{ role: 'user', content }] }
  const endpoint = '/v1/chat/completions'
  const lines = Array.from({ length: count }, (_, index) =>
    JSON.stringify({ custom_id: `${index}`, method: 'POST', url: endpoint, body }),
  )
  const input_file_id = await upload(url, 'batch', 'in.jsonl', lines.join('\n'))
  const request = { input_file_id, endpoint, completion_window: '24h' }
  return (await post(`${url}/v1/batches`, JSON.stringify(request))).id
}

export async function readBatch(url, id) {
  return (await fetch(`${url}/v1/batches/${id}`)).json()
}

/** Waits until so many lines are done. */
export async function untilDone(url, id, lines) {
  for (;;) {
    const batch = await readBatch(url, id)
    const { completed, failed } = batch.request_counts
    if (completed + failed >= lines) return batch
    if (batch.status === 'failed') throw new Error(JSON.stringify(batch.errors))
    await sleep(100)
  }
}

async function upload(url, purpose, name, content) {
  const form = new FormData()
  form.append('purpose', purpose)
  form.append('file', new File([content], name))
  return (await post(`${url}/v1/files`, form)).id
}

async function post(url, body) {
  const response = await fetch(url, { method: 'POST', body })
  if (!response.ok) throw new Error(await response.text())
  return response.json()
}
