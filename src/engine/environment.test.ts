import { describe, expect, it } from 'vitest'
import { SETTINGS } from '../config/settings.ts'
import { withoutSecrets } from './environment.ts'

describe('withoutSecrets', () => {
  it.each([
    ['FLOCAP_API_KEY', 'k'],
    ['FLOCAP_API_KEY_FILE', '/run/secrets/k'],
    ['HF_TOKEN', 'hf_x'],
    ['HUGGING_FACE_HUB_TOKEN', 'hf_x'],
    ['AWS_SECRET_ACCESS_KEY', 'x'],
    ['AWS_ACCESS_KEY_ID', 'x'],
    ['OPENAI_API_KEY', 'sk'],
    ['POSTGRES_PASSWORD', 'x'],
    ['GOOGLE_APPLICATION_CREDENTIALS', '/x'],
    ['HTTPS_PROXY', 'http://user:x@proxy:1'],
    ['https_proxy', 'http://proxy:1'],
    ['DATABASE_URL', 'postgres://flocap:pass@db/flocap'],
    ['REDIS', 'redis://:pass@queue:6379'],
  ])('takes %s away', (name, value) => {
    expect(withoutSecrets({ [name]: value, HOME: '/h' })).toEqual({ HOME: '/h' })
  })

  it('leaves what libraries, drivers and Node need', () => {
    const needed = {
      PATH: '/bin',
      HOME: '/h',
      LD_LIBRARY_PATH: '/cuda/lib64',
      CUDA_VISIBLE_DEVICES: '0',
      VK_DRIVER_FILES: '/icd.json',
      XDG_RUNTIME_DIR: '/run/user/1000',
      NODE_OPTIONS: '--max-old-space-size=4096',
      GLIBC_TUNABLES: 'glibc.malloc.arena_max=2',
      HF_ENDPOINT: 'https://mirror.example/hub',
      TMPDIR: '/tmp',
    }
    expect(withoutSecrets(needed)).toEqual(needed)
  })

  it('takes away every setting of our own that is a secret', () => {
    const secrets = Object.values(SETTINGS)
      .map(({ environment }) => environment)
      .filter((name) => /KEY|TOKEN/.test(name))
    expect(secrets.length).toBeGreaterThan(2)
    for (const name of secrets) expect(withoutSecrets({ [name]: 'x' })).toEqual({})
  })
})
