// Empties dist/ before a build, so that a file deleted from src/ cannot live on in a package. What is
// bundled stays: tools/bundled-packages.mjs keeps that in step, without replacing libraries in use.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const DIST = fileURLToPath(new URL('../dist', import.meta.url))

for (const name of existsSync(DIST) ? readdirSync(DIST) : []) {
  if (name !== 'node_modules') rmSync(join(DIST, name), { recursive: true, force: true })
}
