// Preloaded into a process (node --import): writes the address of every module that is loaded, one a line, to the
// file that LOADED_MODULES names.
import { register } from 'node:module'

register('./loaded-modules-hooks.mjs', import.meta.url, {
  data: { path: process.env['LOADED_MODULES'] },
})
