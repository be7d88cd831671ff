// CPU, time and memory of decoding picture files, each in a process of its own with the built program:
//
//   node bench/decode-picture.mjs [--times 5] FILE...
//
// The CPU is that of all threads of the process, the median of the runs after the first, which loads
// and compiles the codec; the memory is the most that the process held, its start included.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const here = fileURLToPath(import.meta.url)
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { times: { type: 'string', default: '5' }, inner: { type: 'boolean', default: false } },
})
const times = Number(values.times)

/** In the process that is measured. */
async function measure(file) {
  const { decodePicture } = await import('../dist/runtime/image/decode/decode.js')
  const bytes = readFileSync(file)
  const runs = []
  for (let i = 0; i < times; i += 1) {
    const began = performance.now()
    const cpu = process.cpuUsage()
    const { width, height, format } = await decodePicture(bytes, { applyOrientation: true })
    const { user, system } = process.cpuUsage(cpu)
    runs.push({ seconds: (performance.now() - began) / 1e3, cpu: (user + system) / 1e6 })
    if (i === times - 1) {
      const { maxRSS } = process.resourceUsage()
      console.log(
        JSON.stringify({ format, width, height, runs, peakMb: Math.round(maxRSS / 1024) }),
      )
    }
  }
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN

if (values.inner) {
  await measure(positionals[0]).catch((error) =>
    console.error(`${positionals[0]}: ${error.message}`),
  )
} else {
  console.log('| file | format | pixels | first CPU (s) | CPU (s) | by the clock (s) | peak (MB) |')
  console.log('| --- | --- | --- | --- | --- | --- | --- |')
  for (const file of positionals) {
    const args = [here, '--inner', '--times', values.times, file]
    const output = execFileSync(process.execPath, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (output === '') continue
    const { format, width, height, runs, peakMb } = JSON.parse(output)
    const later = runs.length > 1 ? runs.slice(1) : runs
    const cells = [
      basename(file),
      format,
      `${width}x${height}`,
      runs[0].cpu.toFixed(2),
      median(later.map(({ cpu }) => cpu)).toFixed(2),
      median(later.map(({ seconds }) => seconds)).toFixed(2),
      peakMb,
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}
