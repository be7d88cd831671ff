// Rolls the types of the library into the one declaration file that programs import.
//
// The compiler writes a declaration file for each source file; only what src/library/index.ts exports is
// public, so the rest is left out of the package.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'

const root = fileURLToPath(new URL('..', import.meta.url))
const declarations = fileURLToPath(new URL('../dist/declarations', import.meta.url))

const compiler = createRequire(import.meta.url).resolve('typescript/package.json')
const settings = '-p tsconfig.build.json --declaration --emitDeclarationOnly --outDir'.split(' ')
execFileSync(
  process.execPath,
  [join(dirname(compiler), 'lib', 'tsc.js'), ...settings, declarations],
  { cwd: root, stdio: 'inherit' },
)

const config = ExtractorConfig.prepare({
  configObjectFullPath: fileURLToPath(new URL('../api-extractor.json', import.meta.url)),
  packageJsonFullPath: fileURLToPath(new URL('../package.json', import.meta.url)),
  configObject: {
    projectFolder: root,
    mainEntryPointFilePath: `${declarations}/library/index.d.ts`,
    compiler: {
      overrideTsconfig: {
        compilerOptions: {
          target: 'ES2023',
          lib: ['ES2023'],
          module: 'NodeNext',
          moduleResolution: 'NodeNext',
          types: ['node'],
          skipLibCheck: true,
          strict: true,
        },
        files: [`${declarations}/library/index.d.ts`],
      },
    },
    dtsRollup: {
      enabled: true,
      untrimmedFilePath: fileURLToPath(new URL('../dist/library/index.d.ts', import.meta.url)),
    },
    apiReport: { enabled: false },
    docModel: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: {
      extractorMessageReporting: { default: { logLevel: 'none' } },
      tsdocMessageReporting: { default: { logLevel: 'none' } },
      compilerMessageReporting: { default: { logLevel: 'error' } },
    },
  },
})
const { succeeded } = Extractor.invoke(config, {
  localBuild: true,
  messageCallback: (message) => {
    // It says which compiler it comes with.
    if (message.logLevel !== ExtractorLogLevel.Error) message.handled = true
  },
})
rmSync(declarations, { recursive: true })
if (!succeeded) process.exitCode = 1
