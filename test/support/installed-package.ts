// The package as a stranger has it: packed, and installed in an empty folder with install scripts
// allowed and nothing of this clone in the environment.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface InstalledPackage {
  readonly tarball: string
  /** The project that it was installed into. */
  readonly installation: string
  /** Where the package lies. */
  readonly unpacked: string
  readonly environment: NodeJS.ProcessEnv
}

/** @param folder empty; everything is made inside. */
export function installPackage(folder: string): InstalledPackage {
  npm(['pack', '--silent', '--pack-destination', folder], ROOT, process.env)
  const tarball = join(
    folder,
    readdirSync(folder).find((file) => file.endsWith('.tgz'))!,
  )
  const installation = join(folder, 'project')
  const environment = cleanEnvironment(folder)
  mkdirSync(installation)
  npm(['install', '--no-audit', '--no-fund', tarball], installation, environment)
  return {
    tarball,
    installation,
    unpacked: join(installation, 'node_modules', 'flocap'),
    environment,
  }
}

export function npm(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): string {
  const shell = process.platform === 'win32'
  return execFileSync('npm', [...args], { cwd, env, shell, encoding: 'utf8' })
}

/** A user's own: what npm sets for its children is left out, but for where the registry is. */
function cleanEnvironment(home: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_|flocap_|node_)/i.test(name),
  )
  return {
    ...Object.fromEntries(kept),
    npm_config_registry: npm(['config', 'get', 'registry'], ROOT, process.env).trim(),
    npm_config_ignore_scripts: 'false',
    FLOCAP_HOME: join(home, 'home'),
  }
}
