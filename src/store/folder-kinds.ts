// Folders that people give as a model and that are none, or hold one in another form: what each is,
// and what helps. Looked at only where a folder is not complete.
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

export interface FolderKind {
  /** To follow 'The folder'. */
  readonly what: string
  readonly hint: string
}

const CHECKPOINT = 'FloCap makes its own graphs: give it the model in safetensors or PyTorch form.'

/** By a name in the folder, in the order in which they say most. */
const KINDS: readonly (readonly [pattern: RegExp, kind: FolderKind])[] = [
  [/\.onnx$|^onnx$/, { what: 'holds an ONNX export', hint: CHECKPOINT }],
  [/\.gguf$/, { what: 'holds a GGUF file, which is of llama.cpp', hint: CHECKPOINT }],
  [/\.mlpackage$|\.mlmodelc?$/, { what: 'holds a Core ML model', hint: CHECKPOINT }],
  [/\.npz$/, { what: 'holds weights of MLX', hint: CHECKPOINT }],
  [/^openvino_.*\.xml$/, { what: 'holds an OpenVINO model', hint: CHECKPOINT }],
  [/^(?:tf_model\.h5|saved_model\.pb)$/, { what: 'holds TensorFlow weights', hint: CHECKPOINT }],
  [/^flax_model\.msgpack$/, { what: 'holds Flax weights', hint: CHECKPOINT }],
  [
    /^(?:global_step\d+|zero_to_fp32\.py)$/,
    {
      what: 'is a checkpoint of DeepSpeed',
      hint: 'Run its zero_to_fp32.py, and put config.json, the tokenizer and processor beside the result.',
    },
  ],
  [
    /^(?:trainer_state\.json|optimizer\.pt|training_args\.bin)$/,
    {
      what: 'is a checkpoint of a training',
      hint: "Save the processor into it too: processor.save_pretrained(folder), or copy the base model's files.",
    },
  ],
  [
    /\.(?:ckpt|pth|pt)$/,
    {
      what: 'holds weights under another name',
      hint: 'Weights are model.safetensors or pytorch_model.bin, or their shards.',
    },
  ],
  [
    /\.incomplete$|\.aria2$|\.part$|\.crdownload$/,
    {
      what: 'is a download that has not ended',
      hint: 'Let it end, or run the same download again.',
    },
  ],
]

/** @returns undefined for a folder of no known kind */
export function recogniseFolder(names: ReadonlySet<string>): FolderKind | undefined {
  for (const [pattern, kind] of KINDS) {
    if ([...names].some((name) => pattern.test(name))) return kind
  }
  return undefined
}

/** Names in a folder, and in the place beside a snapshot where the Hub's cache keeps contents. */
export async function namesAround(folder: string): Promise<ReadonlySet<string>> {
  const places = [folder, join(folder, 'blobs'), join(folder, '..', '..', 'blobs')]
  const names = await Promise.all(
    places.map(async (place): Promise<readonly string[]> => readdir(place).catch(() => [])),
  )
  return new Set(names.flat())
}

/** How Git LFS begins the small text that stands for a file. */
const POINTER = 'version https://git-lfs.github.com/spec/v1'
/** A pointer has some 130 bytes. */
const MAX_POINTER_BYTES = 1024

/** Whether a file is a Git LFS pointer instead of the content. */
export async function isPointer(path: string, size: number): Promise<boolean> {
  if (size < POINTER.length || size > MAX_POINTER_BYTES) return false
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(POINTER.length),
      0,
      POINTER.length,
      0,
    )
    return buffer.toString('latin1', 0, bytesRead) === POINTER
  } finally {
    await file.close()
  }
}

export const POINTER_HINT =
  "Run 'git lfs pull' in the folder: the files are pointers, not contents."

/**
 * The snapshot in a folder of the Hub's own cache (`models--owner--name`): that of `main`, else the
 * newest. Undefined for any other folder, and for one whose download never got that far.
 */
export async function findSnapshot(folder: string): Promise<string | undefined> {
  const snapshots = join(folder, 'snapshots')
  const commits: readonly string[] = await readdir(snapshots).catch(() => [])
  if (commits.length === 0) return undefined
  const main = await readFile(join(folder, 'refs', 'main'), 'utf8').catch(() => '')
  if (commits.includes(main.trim())) return join(snapshots, main.trim())
  const dated = await Promise.all(
    commits.map(async (commit) => ({
      path: join(snapshots, commit),
      time: (await stat(join(snapshots, commit))).mtimeMs,
    })),
  )
  return dated.toSorted((a, b) => b.time - a.time)[0]?.path
}
