// A number of /metrics.

/** The sum of all series of this name. */
export async function readMetric(url: string, name: string, key = 'none'): Promise<number> {
  const headers = { authorization: `Bearer ${key}` }
  const page = await (await fetch(`${url}/metrics`, { headers })).text()
  const values = page
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .map((line) => Number(line.split(' ').at(-1)))
  if (values.length === 0) throw new Error(`there is no ${name}`)
  return values.reduce((sum, value) => sum + value, 0)
}
