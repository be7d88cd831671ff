// One line of an input: what must stand in it. https://developers.openai.com/api/docs/guides/batch
import { showValue } from '../base/show-value.ts'
import type { BatchErrorEntry, Endpoint } from './objects.ts'

/** Longer than any key of a data set; it is kept for every line while a file is checked. */
const MAX_CUSTOM_ID = 512

export interface LineFields {
  readonly customId: string
  readonly body: object
}

export type LineMistake = Omit<BatchErrorEntry, 'line'>

/** The fields, or what is wrong with the first that is. */
export function readLineFields(fields: unknown, endpoint: Endpoint): LineFields | LineMistake {
  if (!isObject(fields)) {
    return mistake('invalid_json_line', null, `Expected a JSON object, got ${showValue(fields)}.`)
  }
  const { custom_id: customId, method, url, body } = fields
  if (typeof customId !== 'string' || customId === '' || customId.length > MAX_CUSTOM_ID) {
    const expected = `Expected a text of 1 to ${MAX_CUSTOM_ID} characters for custom_id`
    return mistake('invalid_custom_id', 'custom_id', `${expected}, got ${showValue(customId)}.`)
  }
  if (method !== 'POST') {
    return mistake('invalid_method', 'method', `Expected "POST", got ${showValue(method)}.`)
  }
  if (url !== endpoint) {
    const message = `Expected ${endpoint}, the endpoint of the batch, got ${showValue(url)}.`
    return mistake('invalid_url', 'url', message)
  }
  if (!isObject(body)) {
    return mistake('invalid_body', 'body', `Expected a JSON object, got ${showValue(body)}.`)
  }
  if (body['stream'] === true) {
    const message = 'Expected stream to be false or absent: a batch has no stream.'
    return mistake('invalid_body', 'body.stream', message)
  }
  return { customId, body }
}

export function isMistake(read: LineFields | LineMistake): read is LineMistake {
  return 'code' in read
}

function mistake(code: string, param: string | null, message: string): LineMistake {
  return { code, message, param }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
