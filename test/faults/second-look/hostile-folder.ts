// A folder as somebody would make it who wants a run over it to crash, hang, lie, or write elsewhere.
import { closeSync, ftruncateSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFifo } from '../../support/make-fifo.ts'
import { PICTURES, PNG } from '../../support/pictures.ts'

/** Names of right pictures. */
const NAMES = [
  'new\nline.png',
  'escape\u001b[31m\u001b]0;owned\u0007.png',
  '-rf.png',
  '--overwrite.png',
  '$(touch owned).png',
  '`touch owned`.png',
  'quote\'and".png',
  'semicolon; touch owned;.png',
  ' blanks .png',
  'tab\there.png',
  'cafe\u0301.png',
  'caf\u00e9.png',
  '%2e%2e%2fup.png',
  '#hash?query=1.png',
  '{braces,[brackets]}*.png',
  'turned\u202egnp.exe.png',
  'zero\u200bwidth.png',
  '\u{1f986}.png',
  'CON.png',
  'a.png.png',
  'NUL.PNG',
  `${'long'.repeat(58)}.png`,
  'json","caption":"owned.png',
  '=cmd|calc!A1.png',
  '<script>alert(1)</script>.png'.replace('/', ''),
]

/** Pictures whose caption's file would have to be written where something else is. */
const TRAPS = ['to-a-link.png', 'to-a-folder.png', 'to-a-fifo.png', 'to-a-broken-link.png']

const SPARSE_BYTES = 5 * 1024 ** 3

export interface HostileFolder {
  /** Pictures that are right and have nothing in their way. */
  readonly right: readonly string[]
  readonly traps: readonly string[]
}

/**
 * @param outside a folder that the run was not asked to touch; `victim.txt` in it is pointed at.
 */
export function fillHostileFolder(folder: string, outside: string): HostileFolder {
  const at = (name: string): string => join(folder, name)
  for (const name of [...NAMES, ...TRAPS]) writeFileSync(at(name), PNG)
  // A name that is no UTF-8, which Linux allows.
  writeFileSync(
    Buffer.concat([Buffer.from(`${folder}/`), Buffer.from('fffe80', 'hex'), Buffer.from('.png')]),
    PNG,
  )
  const victim = join(outside, 'victim.txt')
  writeFileSync(victim, 'not to be touched')
  symlinkSync(victim, at('to-a-link.txt'))
  mkdirSync(at('to-a-folder.txt'))
  makeFifo(at('to-a-fifo.txt'))
  symlinkSync(join(outside, 'made-by-a-link.txt'), at('to-a-broken-link.txt'))
  symlinkSync('.', at('loop'))
  symlinkSync('self.png', at('self.png'))
  symlinkSync('nowhere.png', at('broken.png'))
  symlinkSync('/etc/passwd', at('passwd.png'))
  symlinkSync('/dev/zero', at('zero.png'))
  symlinkSync('/proc/self/mem', at('memory.png'))
  makeFifo(at('pipe.png'))
  mkdirSync(at('folder.png'))
  writeFileSync(at('empty.png'), '')
  writeFileSync(at('text.png'), 'not a picture')
  writeFileSync(at('cut.jpg'), PICTURES['jpeg']!.subarray(0, 300))
  const sparse = openSync(at('sparse.png'), 'w')
  ftruncateSync(sparse, SPARSE_BYTES)
  closeSync(sparse)
  // A journal that an attacker wrote.
  mkdirSync(at('.flocap'))
  writeFileSync(at('.flocap/journal.jsonl'), journal(outside))
  return { right: NAMES, traps: TRAPS }
}

function journal(outside: string): string {
  const picture = {
    kind: 'picture',
    name: '../../outside.png',
    files: [{ name: join(outside, 'victim.txt'), sha256: 'x' }],
    answered: { answers: [] },
  }
  return [
    '{"kind":"run","__proto__":{"admin":true}}',
    JSON.stringify(picture),
    JSON.stringify({ ...picture, name: '-rf.png', sha256: '0'.repeat(64), size: PNG.byteLength }),
    JSON.stringify({ kind: 'picture', name: { toString: 1 }, answered: 7 }),
    '['.repeat(100_000),
    '\0\0\0\u001b[2J',
    `{"kind":"picture","name":"${'a'.repeat(3_000_000)}"`,
    '',
  ].join('\n')
}
