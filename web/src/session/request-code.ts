// The request that the page has just made, as a program would make it.
import type { Asked } from './session.ts'

export interface RequestCode {
  readonly language: string
  readonly code: string
}

export interface CodeOptions {
  /** Of the server, without a slash at the end. */
  readonly address: string
  /** What stands for the key; undefined where none is needed. */
  readonly key: string | undefined
  /** Name of the picture file. */
  readonly picture: string
  readonly asked: Asked
}

/** What to enter in a terminal or a program; the answer is JSON. */
export function requestCodes(options: CodeOptions): readonly RequestCode[] {
  return [
    { language: 'curl', code: curlCode(options) },
    { language: 'Python', code: pythonCode(options) },
    { language: 'JavaScript', code: javascriptCode(options) },
  ]
}

/** The fields beside the picture: of one plain task the short form. */
function fieldsOf({ questions, settings }: Asked): Readonly<Record<string, unknown>> {
  return { tasks: questions, ...settings }
}

/** Between single quotes of a POSIX shell. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/**
 * As a form: the picture needs no base64, of which long command lines are refused. Several questions
 * that take something are more than a form can say, and go as JSON out of a file.
 */
function curlCode({ address, key, picture, asked }: CodeOptions): string {
  const { questions, settings } = asked
  const authorization = key === undefined ? [] : [`-H "Authorization: Bearer ${key}"`]
  const taking = questions.filter(({ input, region }) => input ?? region)
  const isForm = taking.length === 0 || questions.length === 1
  const url = `${address}/api/v1/caption`
  if (!isForm) {
    const body = JSON.stringify(fieldsOf(asked)).slice(1)
    return [
      `printf '{"image":"%s",%s' "$(base64 < ${shellQuoted(picture)} | tr -d '\\n')" ${shellQuoted(body)} |`,
      `  curl ${[...authorization, '--json @-', url].join(' ')}`,
    ].join('\n')
  }
  const [first] = questions
  const fields: readonly (readonly [string, string])[] = [
    ['task', questions.map(({ task }) => task).join(',')],
    ...(first?.input === undefined ? [] : [['input', first.input] as const]),
    ...(first?.region === undefined ? [] : [['region', first.region.join(',')] as const]),
    ...Object.entries(settings).map(([name, value]) => [name, String(value)] as const),
  ]
  return [
    `curl ${[...authorization, url].join(' ')}`,
    // Within its own quotation marks curl takes a comma or a semicolon as part of the name.
    `-F ${shellQuoted(`file=@"${picture.replaceAll(/["\\]/g, String.raw`\$&`)}"`)}`,
    ...fields.map(([name, value]) => `--form-string ${shellQuoted(`${name}=${value}`)}`),
  ].join(' \\\n  ')
}

function pythonCode({ address, key, picture, asked }: CodeOptions): string {
  const fields = Object.entries(fieldsOf(asked)).map(
    ([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)},`,
  )
  return [
    'import base64, json, urllib.request',
    '',
    `with open(${JSON.stringify(picture)}, "rb") as file:`,
    '    image = base64.b64encode(file.read()).decode()',
    'body = {',
    '    "image": image,',
    ...fields,
    '}',
    `request = urllib.request.Request(${JSON.stringify(`${address}/api/v1/caption`)}, json.dumps(body).encode())`,
    'request.add_header("Content-Type", "application/json")',
    ...(key === undefined ? [] : [`request.add_header("Authorization", "Bearer ${key}")`]),
    'with urllib.request.urlopen(request) as response:',
    '    for answer in json.load(response)["images"][0]["answers"]:',
    '        print(answer["text"])',
  ].join('\n')
}

function javascriptCode({ address, key, picture, asked }: CodeOptions): string {
  const fields = Object.entries(fieldsOf(asked)).map(
    ([name, value]) => `    ${name}: ${JSON.stringify(value)},`,
  )
  return [
    "import { readFile } from 'node:fs/promises'",
    '',
    `const response = await fetch(${JSON.stringify(`${address}/api/v1/caption`)}, {`,
    "  method: 'POST',",
    '  headers: {',
    "    'Content-Type': 'application/json',",
    ...(key === undefined ? [] : [`    Authorization: 'Bearer ${key}',`]),
    '  },',
    '  body: JSON.stringify({',
    `    image: await readFile(${JSON.stringify(picture)}, 'base64'),`,
    ...fields,
    '  }),',
    '})',
    'const { images } = await response.json()',
    'for (const { text } of images[0].answers) console.log(text)',
  ].join('\n')
}
