// What runs write is read by the programs that it is for: Hugging Face's datasets, webdataset and
// pycocotools, where Python has them (`npm run conformance:formats`), and the rules of trainers restated in Python.
import { execFile, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { PROGRAM } from '../support/program.ts'
import { readSampleTruths, samplePath } from '../support/samples.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SCRIPT = fileURLToPath(new URL('formats.py', import.meta.url))
const PICTURES = 4

const python = [process.env['FLOCAP_PYTHON'], 'python3'].find((each) => {
  return each !== undefined && spawnSync(each, ['-c', 'import json']).status === 0
})

const run = promisify(execFile)

/** Formats by folder: yolo and txt would share their files. */
const RUNS = {
  all: '--task caption --format txt,json,jsonl,csv,kohya',
  shards: '--task caption --format webdataset',
  hf: '--task caption,od --format hf',
  yolo: '--task od --format yolo',
} as const

const Output = z.object({
  read: z.object({
    'datasets imagefolder': z.array(z.tuple([z.string(), z.unknown(), z.unknown()])).optional(),
    'datasets json': z.array(z.tuple([z.string(), z.string()])).optional(),
    webdataset: z.array(z.tuple([z.string(), z.unknown(), z.string()])).optional(),
    pycocotools: z.record(z.string(), z.array(z.string())).optional(),
    csv: z.array(z.tuple([z.string(), z.string()])),
    kohya: z.array(z.tuple([z.string(), z.string(), z.string()])),
    OneTrainer: z.array(z.array(z.string())),
    yolo: z.record(z.string(), z.array(z.string())),
  }),
  missing: z.array(z.string()),
})

it.skipIf(python === undefined)(
  'each format says the same to the programs that read it',
  async (context) => {
    const folder = temporaryFolder()
    const names = readSampleTruths()
      .slice(0, PICTURES)
      .map(({ file }) => file)
    for (const [name, args] of Object.entries(RUNS)) {
      mkdirSync(join(folder, name))
      for (const file of names) copyFileSync(samplePath(file), join(folder, name, file))
      await run(process.execPath, [PROGRAM, 'caption', join(folder, name), ...args.split(' ')])
    }
    // A file of its own: with od, kohya's captions have tags beside.
    const coco = [PROGRAM, 'caption', join(folder, 'all'), '--task', 'od', '--format', 'coco']
    await run(process.execPath, coco)

    const offline = { ...process.env, HF_HUB_OFFLINE: '1', HF_HOME: temporaryFolder() }
    const { stdout } = await run(python ?? '', [SCRIPT, folder], { env: offline })
    const { read, missing } = Output.parse(JSON.parse(stdout))
    for (const each of missing) await context.annotate(`skipped, not installed: ${each}`)

    const captions = read.csv.map(([, caption]) => caption).toSorted()
    expect(read.csv.map(([file]) => file)).toEqual(names.toSorted())
    expect(captions.every((caption) => caption.length > 0)).toBe(true)
    expect(read.kohya).toEqual(read.csv.map(([file, caption]) => [file, caption, caption]))
    expect(read.OneTrainer).toEqual(captions.map((caption) => [caption]))
    if (read['datasets json']) expect(read['datasets json']).toEqual(read.csv)
    if (read['datasets imagefolder']) {
      expect(read['datasets imagefolder'].map(([caption]) => caption)).toEqual(captions)
    }
    if (read.webdataset) {
      const samples = new Map(read.webdataset.map(([caption, , file]) => [file, caption]))
      expect(samples).toEqual(new Map(read.csv))
    }
    if (read.pycocotools) expect(read.pycocotools).toEqual(read.yolo)
  },
)
