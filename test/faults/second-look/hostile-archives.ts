// Archives with one right picture and entries that are not what they say: names that lead elsewhere,
// links, devices, sizes that lie.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { PNG } from '../../support/pictures.ts'
import { writeZip } from '../../support/zip-writer.ts'

const BLOCK = 512
const RIGHT = 'right.png'

interface TarEntry {
  readonly name: string
  readonly type?: string
  readonly link?: string
  /** As written; by default that of the data. */
  readonly size?: string
  readonly data?: Uint8Array
}

function tarEntry({
  name,
  type = '0',
  link = '',
  size,
  data = new Uint8Array(),
}: TarEntry): Buffer {
  const header = Buffer.alloc(BLOCK)
  header.write(name, 0, 100, 'latin1')
  header.write('0000644\0' + '0000000\0'.repeat(2), 100, 'latin1')
  header.write(size ?? `${data.byteLength.toString(8).padStart(11, '0')}\0`, 124, 12, 'latin1')
  header.write('00000000000\0        ', 136, 'latin1')
  header.write(type, 156, 'latin1')
  header.write(link, 157, 100, 'latin1')
  header.write('ustar\u000000', 257, 'latin1')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  const padding = Buffer.alloc((BLOCK - (data.byteLength % BLOCK)) % BLOCK)
  return Buffer.concat([header, data, padding])
}

const tar = (...entries: readonly TarEntry[]): Buffer =>
  Buffer.concat([...entries.map((entry) => tarEntry(entry)), Buffer.alloc(2 * BLOCK)])

const right: TarEntry = { name: RIGHT, data: PNG }
const zip = (...names: readonly string[]): Buffer =>
  writeZip([RIGHT, ...names].map((name) => ({ name, data: PNG }))).bytes

/** The zip of the right picture and another, with bytes of the other's directory entry changed. */
function lyingZip(change: (central: Buffer) => void): Buffer {
  const parts = writeZip([RIGHT, 'liar.png'].map((name) => ({ name, data: PNG })))
  change(parts.bytes.subarray(parts.centrals.get('liar.png')))
  return parts.bytes
}

const ARCHIVES: Readonly<Record<string, Buffer>> = {
  'names-that-lead-up.zip': zip(
    '../up.png',
    '..\\up.png',
    'a/../../up.png',
    '/etc/up.png',
    'C:\\up.png',
  ),
  'names-that-are-odd.zip': zip(
    'nul\0.png',
    'escape\u001b[31m.png',
    `${'a'.repeat(60_000)}.png`,
    'con.png',
    ' ',
  ),
  'the-same-name.zip': zip(RIGHT, RIGHT, RIGHT),
  'encrypted.zip': lyingZip((central) => central.writeUInt16LE(1, 8)),
  'a-method-that-is-none.zip': lyingZip((central) => central.writeUInt16LE(99, 10)),
  'a-size-of-4-gb.zip': lyingZip((central) => central.writeUInt32LE(0xff_ff_ff_f0, 24)),
  'a-link.zip': lyingZip((central) => central.writeUInt32LE((0o120777 << 16) >>> 0, 38)),
  'data-elsewhere.zip': lyingZip((central) => central.writeUInt32LE(0x7f_ff_ff_ff, 42)),
  'no-end.zip': zip().subarray(0, -10),
  'only-an-end.zip': Buffer.concat([Buffer.from('504b0506', 'hex'), Buffer.alloc(18, 0xff)]),
  'a-zip-in-a-zip.zip': writeZip([
    { name: RIGHT, data: PNG },
    { name: 'inner.zip', data: zip() },
    { name: 'picture.png', data: zip() },
  ]).bytes,
  'names-that-lead-up.tar': tar(
    right,
    { name: '../up.png', data: PNG },
    { name: '/etc/up.png', data: PNG },
  ),
  'links.tar': tar(
    right,
    { name: 'soft.png', type: '2', link: '/etc/passwd' },
    { name: 'hard.png', type: '1', link: '/etc/passwd' },
  ),
  'devices.tar': tar(
    right,
    { name: 'zero.png', type: '3' },
    { name: 'disk.png', type: '4' },
    { name: 'pipe.png', type: '6' },
  ),
  'a-size-below-zero.tar': tar(right, { name: 'liar.png', size: '-0000000001\0' }),
  'a-size-of-8-gb.tar': tar(right, { name: 'liar.png', size: '77777777777\0' }),
  'a-size-in-base-256.tar': tar(right, {
    name: 'liar.png',
    size: '\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff',
  }),
  'a-long-name-of-8-gb.tar': tar(right, {
    name: '././@LongLink',
    type: 'L',
    size: '77777777777\0',
  }),
  'fields-that-lie.tar': tar(
    right,
    {
      name: 'pax',
      type: 'x',
      data: Buffer.from('30 path=../../../etc/up.png\n9999999999 size=1\nno length\n'),
    },
    { name: 'b.png', data: PNG },
  ),
  'sparse.tar': tar(right, { name: 'sparse.png', type: 'S', size: '77777777777\0' }),
  'cut.tar': tar(right, right).subarray(0, 700),
  'zeros.tar': Buffer.alloc(100 * BLOCK),
  'compressed.tar': gzipSync(tar(right)),
}

/** @returns the paths of the archives, all in `folder`. */
export function writeHostileArchives(folder: string): readonly string[] {
  return Object.entries(ARCHIVES).map(([name, bytes]) => {
    const path = join(folder, name)
    writeFileSync(path, bytes)
    return path
  })
}
