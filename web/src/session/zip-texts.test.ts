import { strFromU8, unzipSync } from 'fflate'
import { expect, it } from 'vitest'
import { zipTexts } from './zip-texts.ts'

it('packs each text under its name', async () => {
  const packed = await zipTexts([{ name: 'ä.txt', text: 'Ein Hügel.\n' }])
  const [[name, bytes] = []] = Object.entries(unzipSync(new Uint8Array(await packed.arrayBuffer())))
  expect([name, strFromU8(bytes!)]).toEqual(['ä.txt', 'Ein Hügel.\n'])
})
