// Requests as programs, browsers and curl write them.

export function form(fields: Record<string, string | Buffer>): RequestInit {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') body.append(name, value)
    else body.append(name, new Blob([Uint8Array.from(value)]), `${name}.png`)
  }
  return { method: 'POST', body }
}

export function raw(bytes: Buffer, type: string): RequestInit {
  return { method: 'POST', body: Uint8Array.from(bytes), headers: { 'content-type': type } }
}

export const PATH = '/api/v1/caption'
