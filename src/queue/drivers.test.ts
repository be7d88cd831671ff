import { expect, it } from 'vitest'
import { caughtError } from '../../test/support/caught-error.ts'
import { loadDrivers } from './drivers.ts'

it('says which packages to install', async () => {
  const missing = 'flocap-test-no-such-package'
  const error = await caughtError(() => loadDrivers('postgres', () => import(missing)))
  expect(error).toMatchObject({
    code: 'invalid_setting',
    subject: '--queue',
    message: '--queue needs packages that do not come with FloCap: bullmq@6 pg@8.',
    hint: expect.stringContaining('npm install bullmq@6 pg@8'),
  })
})

it('passes on what else goes wrong', async () => {
  const fault = new TypeError('a fault')
  await expect(loadDrivers('redis', () => Promise.reject(fault))).rejects.toBe(fault)
})
