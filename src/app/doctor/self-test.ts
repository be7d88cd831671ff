// Captions pictures that come with FloCap and compares the answers with the reference's: every part
// from a picture's bytes to the text has to work for that. On other devices than the CPU, too.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { type Device, devicesOf } from '../../base/devices.ts'
import { silentLogger } from '../../base/log.ts'
import { FlocapError, toFlocapError } from '../../base/errors.ts'
import type { Settings } from '../../config/settings.ts'
import { BUNDLED_SOURCE } from '../model-source.ts'
import { startLocalCaptioner } from '../start-model.ts'
import type { Finding } from './finding.ts'

const SAMPLES_FOLDER = join(BUNDLED_SOURCE.folder, 'samples')
const TASK = 'more_detailed_caption'
/** The first one warms up: caches, and shaders that are translated when they are first needed. */
const PICTURES = 2
/** A card takes a second for all of it. A driver that is software takes minutes. */
const DEVICE_PATIENCE_MS = 60_000

const samplesSchema = z.object({
  scenes: z
    .array(
      z.object({
        file: z.string(),
        /** What the reference answers to the task with the search that FloCap uses. */
        caption: z.string(),
      }),
    )
    .min(PICTURES),
})

interface Sample {
  readonly picture: Uint8Array
  readonly expected: string
}

interface Tested {
  /** What was answered and what the reference answers, of the first picture where they differ. */
  readonly text: string
  readonly expected: string
  /** Of the last picture. */
  readonly ms: number
}

/** The self-test on the CPU, then one finding for each other device that this system could have. */
export async function runSelfTests(settings: Settings): Promise<readonly Finding[]> {
  const cpu = await attempt(settings, 'cpu')
  const findings = [judgeCpu(cpu)]
  for (const device of devicesOf().filter((each) => each !== 'cpu')) {
    const tested = await attempt(settings, device)
    findings.push(judgeDevice(device, tested, cpu, settings.device === device))
  }
  return findings
}

async function attempt(settings: Settings, device: Device): Promise<Tested | FlocapError> {
  const patience = new AbortController()
  try {
    const testing = captionSamples(settings, device, patience.signal)
    if (device === 'cpu') return await testing
    const tooLong = delay(DEVICE_PATIENCE_MS, undefined, { signal: patience.signal }).then(() => {
      throw new FlocapError('device_unavailable', TOO_SLOW, {
        hint: 'A graphics driver that computes on the processor does that. --device cpu is faster.',
      })
    })
    return await Promise.race([testing, tooLong])
  } catch (error) {
    return toFlocapError(error)
  } finally {
    patience.abort()
  }
}

const TOO_SLOW = `It takes more than ${DEVICE_PATIENCE_MS / 1000} s for two small pictures.`

async function captionSamples(
  settings: Settings,
  device: Device,
  signal: AbortSignal,
): Promise<Tested> {
  const samples = await readSamples()
  // No answer cache: this is about the model. An adapter belongs to another one.
  const asked = { ...settings, model: 'bundled', adapter: '', answerCacheMb: 0, device }
  // What a driver that is not there has to say is for those who chose it.
  const isWanted = device === 'cpu' || device === settings.device
  const local = await startLocalCaptioner(asked, isWanted ? {} : { logger: silentLogger })
  const close = local.close.bind(local)
  signal.addEventListener('abort', () => void close(), { once: true })
  try {
    let [text, expected, ms] = ['', '', 0]
    for (const sample of samples) {
      const began = performance.now()
      const answer = await local.captioner.caption({ picture: sample.picture, task: TASK })
      ms = performance.now() - began
      text = answer.text
      expected = sample.expected
      if (text !== expected) break
    }
    return { text, expected, ms }
  } finally {
    await close()
  }
}

function judgeCpu(tested: Tested | FlocapError): Finding {
  const name = 'self-test'
  if (tested instanceof FlocapError) {
    const { message, hint } = tested
    return { name, status: 'problem', detail: message, cure: hint ?? 'Install FloCap again.' }
  }
  const { text, expected, ms } = tested
  if (text === expected) {
    return { name, status: 'ok', detail: `“${text}”, as the reference, in ${Math.round(ms)} ms` }
  }
  return {
    name,
    status: 'problem',
    detail: `“${text}” instead of “${expected}”`,
    cure: 'Try --precision fp32. If that answers right, please report this machine.',
  }
}

/** A device that was not chosen may be absent or wrong: nothing uses it. */
export function judgeDevice(
  device: Device,
  tested: Tested | FlocapError,
  cpu: Tested | FlocapError,
  isChosen: boolean,
): Finding {
  const name = device
  if (tested instanceof FlocapError) {
    const cure = tested.hint ?? 'Use --device cpu.'
    if (isChosen) return { name, status: 'problem', detail: tested.message, cure }
    return { name, status: 'absent', detail: tested.message, cure }
  }
  const { text, expected, ms } = tested
  if (text !== expected) {
    return {
      name,
      status: isChosen ? 'problem' : 'warning',
      detail: `“${text}” instead of “${expected}”`,
      cure: `Do not use --device ${device} here, and please report this machine.`,
    }
  }
  const than = cpu instanceof FlocapError ? '' : ` (CPU: ${Math.round(cpu.ms)} ms)`
  return { name, status: 'ok', detail: `answers as the reference, in ${Math.round(ms)} ms${than}` }
}

async function readSamples(): Promise<readonly Sample[]> {
  const json: unknown = JSON.parse(await readFile(join(SAMPLES_FOLDER, 'truth.json'), 'utf8'))
  const scenes = samplesSchema.parse(json).scenes.slice(0, PICTURES)
  return Promise.all(
    scenes.map(async ({ file, caption }) => ({
      picture: await readFile(join(SAMPLES_FOLDER, file)),
      expected: caption,
    })),
  )
}
