// What a broker's refusal means and what helps, by the code with which it begins (Redis), its SQLSTATE
// (PostgreSQL), or that of the system (connections, TLS).

interface Explained {
  readonly code: RegExp
  readonly advice: string
}

const OTHER_CERTIFICATE =
  'The certificate of the queue is not trusted here: set NODE_EXTRA_CA_CERTS to the file of its authority, and use the name that stands in it.'
const WRONG_LOGIN =
  'Set user and password in FLOCAP_QUEUE, as in redis://user:password@host or postgres://user:password@host/database.'
const OTHER_PRIMARY = 'Give the address of the primary to --queue, this is a copy that only reads.'

/** Redis: its replies begin with a word in capitals. PostgreSQL: appendix A of its manual. */
const EXPLAINED: readonly Explained[] = [
  { code: /^(WRONGPASS|NOAUTH|28P01|28000)$/, advice: WRONG_LOGIN },
  { code: /^(NOPERM|42501)$/, advice: 'Let the user of FLOCAP_QUEUE read and write there.' },
  { code: /^3D000$/, advice: 'Create the database, or name another one in --queue.' },
  { code: /^(READONLY|25006)$/, advice: OTHER_PRIMARY },
  {
    code: /^OOM$/,
    advice:
      'Its memory is full: raise maxmemory in redis.conf, or wait for what others keep there.',
  },
  { code: /^(MISCONF|53100)$/, advice: 'It cannot write to its disk: make room there.' },
  { code: /^53300$/, advice: 'Raise max_connections of PostgreSQL: each process takes up to 12.' },
  { code: /^(LOADING|57P03)$/, advice: 'It starts; batches go on when it has.' },
  { code: /^57P0[12]$/, advice: 'It was stopped; batches go on when it is back.' },
  {
    code: /CERT|^UNABLE_TO_|^ERR_TLS|^ERR_SSL|^EPROTO$/,
    advice: OTHER_CERTIFICATE,
  },
]

/** @returns a sentence with what helps, or undefined where the error says enough */
export function adviceFor(error: unknown): string | undefined {
  const code = codeOf(error)
  return EXPLAINED.find((known) => known.code.test(code))?.advice
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const reply = /^([A-Z]+) /.exec(error.message)?.[1]
  return reply ?? ('code' in error && typeof error.code === 'string' ? error.code : '')
}
