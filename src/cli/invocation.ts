// How this process was started, and so how its user starts other commands: `flocap` is a command only
// where the package was installed or linked.
import { hostname } from 'node:os'
import { basename, relative, sep } from 'node:path'

/** What tells one way from another; the parts of `process` that do. */
export interface LaunchFacts {
  /** `process.argv[1]`: the script as it was called. */
  readonly script: string
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

const INSTALLED = /[\\/]node_modules[\\/]flocap[\\/]/

/** @returns the words to type before a command's own, such as `npx flocap`. */
type Launcher = (facts: LaunchFacts) => {
  /** For `pull base` and other commands. */
  readonly command: string
  /** For options of the server, such as `--model base`. */
  readonly serve: string
}

const readLauncher: Launcher = ({ script, folder, environment }) => {
  // Set by the images of deploy/. A container's host name is its id unless it was given another one.
  if (environment['FLOCAP_CONTAINER'] !== undefined) {
    return { command: `docker exec ${hostname()} flocap`, serve: 'docker run ... flocap serve' }
  }
  // Set by what starts a portable archive: tools/portable/targets.mjs.
  const launcher = environment['FLOCAP_PORTABLE']
  if (launcher !== undefined) return same(quoted(fromHere(relative(folder, launcher) || launcher)))
  // npm puts a link to the script on the path, on Windows a file that calls it where it is installed.
  if (basename(script) === 'flocap' || INSTALLED.test(script)) {
    // Set by npx and `npm exec`, and inherited by all that they start: alone it says nothing.
    return same(environment['npm_command'] === 'exec' ? 'npx flocap' : 'flocap')
  }
  const command = `node ${quoted(relative(folder, script) || script)}`
  return environment['npm_lifecycle_event'] === 'start'
    ? { command, serve: 'npm start --' }
    : { command, serve: `${command} serve` }
}

function same(command: string): { readonly command: string; readonly serve: string } {
  return { command, serve: command }
}

/** Shells look for plain words elsewhere. */
function fromHere(path: string): string {
  return basename(path) === path ? `.${sep}${path}` : path
}

/** A path with blanks is one word for every shell between double quotes. */
function quoted(path: string): string {
  return path.includes(' ') ? `"${path}"` : path
}

const OWN_COMMAND = /'flocap(?: ([^']*))?'/g

/**
 * Texts of FloCap name commands as `'flocap pull base'`; this spells them as their reader must type
 * them, between the same quotation marks.
 */
export function spellCommands(text: string, facts: LaunchFacts = readFacts()): string {
  return text.replaceAll(OWN_COMMAND, (_all, words: string = '') => `'${spell(words, facts)}'`)
}

/** @param words what follows `flocap`: a command, or options of the server. */
export function spell(words: string, facts: LaunchFacts = readFacts()): string {
  const { command, serve } = readLauncher(facts)
  return `${words === '' || words.startsWith('-') ? serve : command} ${words}`.trimEnd()
}

/** What the user types in front of options of the server. */
export function serveCommand(facts: LaunchFacts = readFacts()): string {
  return readLauncher(facts).serve
}

function readFacts(): LaunchFacts {
  return { script: process.argv[1] ?? '', folder: process.cwd(), environment: process.env }
}
