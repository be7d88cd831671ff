// Whether a command means the same in PowerShell 5.1, in cmd and in POSIX shells, as far as its characters
// tell: what these take for their own syntax, and so never pass on.

/** Outside of double quotes: what one of the shells reads as more than itself, and which. */
const UNQUOTED: readonly (readonly [sign: RegExp, reason: string])[] = [
  [/'/, "cmd passes ' on as it is: write double quotes"],
  [/&/, 'PowerShell 5.1 has no &&: write two lines'],
  [/\\\s*\n|\\$/, 'only POSIX shells continue a line behind \\: write one line'],
  [/\|/, 'the shells pass different things through |'],
  [/;/, 'cmd knows no ;: write two lines'],
  [/[<>]/, 'PowerShell 5.1 writes UTF-16 through >, and knows no <'],
  [/[$`]/, 'variables and escapes are different in each shell'],
  [/%\w+%/, 'variables and escapes are different in each shell'],
  [/(?:^|\s)@/, 'PowerShell splats @name: write "@name"'],
  [/(?:^|\s)[^\s"]*,/, 'PowerShell takes a,b for two arguments: write "a,b"'],
  [/[(){}]/, 'brackets are syntax of PowerShell and of POSIX shells'],
  [/(?:^|\s)~/, 'cmd does not expand ~'],
]

/** Between double quotes. */
const QUOTED: readonly (readonly [sign: RegExp, reason: string])[] = [
  [/[$`\\]/, 'variables and escapes are different in each shell'],
  [/%\w+%/, 'variables and escapes are different in each shell'],
]

/** Other commands there: aliases of PowerShell 5.1 for its own, and what cmd does not have. */
const FIRST_WORDS: readonly (readonly [word: RegExp, reason: string])[] = [
  [/^(?:export|source|cp|mv|rm|cat|echo|chmod|sudo|base64)$/, 'is no program on Windows'],
  [/^\.\//, 'cmd does not start ./program'],
]

/** Why a command would not do the same in every shell; empty when it does. */
export function differencesOf(command: string): readonly string[] {
  const parts = command.split('"')
  const unquoted = parts.filter((_, at) => at % 2 === 0).join('""')
  const quoted = parts.filter((_, at) => at % 2 === 1)
  const [first = ''] = command.split(/\s/)
  return [
    ...FIRST_WORDS.filter(([word]) => word.test(first)).map(([, reason]) => `${first} ${reason}`),
    ...UNQUOTED.filter(([sign]) => sign.test(unquoted)).map(([, reason]) => reason),
    ...QUOTED.filter(([sign]) => quoted.some((part) => sign.test(part))).map(([, why]) => why),
    ...(parts.length % 2 === 0 ? ['a double quote is not closed'] : []),
  ]
}

/** Why a line of PowerShell would not do in version 5.1, as Windows brings it. */
export function mistakesOfPowerShell(line: string): readonly string[] {
  const wrong: readonly (readonly [RegExp, string])[] = [
    [/&&|\|\|/, 'PowerShell 5.1 has neither && nor ||'],
    [/\\$/, 'a line is continued behind `, not behind \\'],
    [/(?:^|\|\s*)(?:curl|wget)\s/, 'curl is Invoke-WebRequest: write curl.exe'],
    [/^(?:export|set)\s/, 'variables are set by $env:NAME = "value"'],
    [/curl\.exe.*'[^']*"/, 'PowerShell 5.1 drops double quotes inside of arguments: use a file'],
    [/curl\.exe.*\s@\w/, 'PowerShell splats @name: write "@name"'],
  ]
  return wrong.filter(([sign]) => sign.test(line)).map(([, reason]) => reason)
}
