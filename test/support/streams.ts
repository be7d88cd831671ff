// Streams taken apart as clients do it.

export interface ServerSentEvent {
  readonly name: string | undefined
  readonly data: string
}

/** The events of a whole stream; comments are left out. */
export function parseEvents(text: string): ServerSentEvent[] {
  return text.split('\n\n').flatMap((block) => {
    const lines = block.split('\n')
    const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6))
    const name = lines.find((line) => line.startsWith('event: '))?.slice(7)
    return data.length === 0 ? [] : [{ name, data: data.join('\n') }]
  })
}

export function parseLines(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)
}
