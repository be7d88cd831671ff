// Told by Node of each module that is about to be loaded: see loaded-modules.mjs.
import { appendFileSync } from 'node:fs'

let path

export function initialize(data) {
  path = data.path
}

export async function load(url, context, nextLoad) {
  appendFileSync(path, `${url}\n`)
  return nextLoad(url, context)
}
