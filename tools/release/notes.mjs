// Prints what this version brings, for the page of its release; fails when CHANGELOG.md does not say it.
import { readFileSync } from 'node:fs'
import { notesOf } from './changelog.mjs'

const read = (name) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
process.stdout.write(notesOf(read('CHANGELOG.md'), JSON.parse(read('package.json')).version))
