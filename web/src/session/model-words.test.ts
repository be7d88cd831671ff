import { describe, expect, it } from 'vitest'
import type { Pull } from '../server/wire.ts'
import { modelSize, pullNews, pullProgress, switchNews } from './model-words.ts'

const pull: Pull = {
  model: 'base',
  state: 'running',
  step: 'downloading 25 %',
  received_bytes: 116_000_000,
  total_bytes: 466_000_000,
  bytes_per_second: 12_000_000,
  seconds_left: 29.2,
  error: null,
}
const error = { code: 'disk_full', message: 'The disk is full.', hint: 'Make room.' }

describe('a download in words', () => {
  it('tells bytes, speed and time left, as far as they are known', () => {
    expect(pullProgress(pull)).toBe('116 MB of 466 MB, 12.0 MB a second, about 29 seconds left')
    const unknown = { ...pull, bytes_per_second: null, seconds_left: null }
    expect(pullProgress(unknown)).toBe('116 MB of 466 MB')
    expect(pullProgress({ ...pull, total_bytes: null, step: 'asking the Hub' })).toBe(
      'asking the Hub',
    )
    expect(pullProgress({ ...pull, step: 'waiting for the Hub: cut' })).toBe(
      'waiting for the Hub: cut, 116 MB of 466 MB',
    )
    expect(pullProgress({ ...pull, seconds_left: 200 })).toContain('about 3 minutes left')
    expect(pullProgress({ ...pull, seconds_left: 3600 })).toContain('about 1 hour left')
  })

  it('ends with what to do', () => {
    expect(pullNews(pull)).toBe('base is being downloaded.')
    expect(pullNews({ ...pull, state: 'done' })).toContain('Switch to it')
    expect(pullNews({ ...pull, state: 'cancelled' })).toContain('goes on from there')
    expect(pullNews({ ...pull, state: 'failed', error })).toBe(
      'base could not be downloaded. The disk is full. Make room.',
    )
  })
})

it('a switch in words tells what answers', () => {
  const switching = {
    model: 'large',
    state: 'running',
    step: 'compiling 40 %',
    error: null,
  } as const
  expect(switchNews(switching)).toBe('Switching to large: compiling 40 %. Pictures wait meanwhile.')
  expect(switchNews({ ...switching, state: 'done' })).toBeUndefined()
  expect(switchNews({ ...switching, state: 'failed', error: { ...error, hint: null } })).toBe(
    'large could not be loaded, so the model before answers. The disk is full.',
  )
})

it('the size of a model is of what is here, or of what comes', () => {
  const entry = {
    name: 'base',
    note: null,
    licence: null,
    demo: false,
    parameters: null,
    download_bytes: 466_000_000,
    installed_bytes: null,
    serving: false,
  }
  expect(modelSize(entry)).toBe('466 MB to download')
  expect(modelSize({ ...entry, installed_bytes: 470_000_000 })).toBe('470 MB')
  expect(modelSize({ ...entry, demo: true })).toBe('comes with FloCap')
})
