// A LoRA adapter for the bundled model, as PEFT saves it and the Hub has it: enough to change what
// the model says. How exactly adapters are merged is tested on those of PEFT.
import { createNumpyBytes } from './numpy-random.ts'
import { renderSafetensors } from './safetensors-writer.ts'
import { gitFile, lfsFile, type StandInFile, type StandInRepository } from './stand-in-hub.ts'

export const ADAPTER_REPOSITORY = 'someone/Scenes-LoRA'
export const ADAPTER_COMMIT = 'fedcbafedcbafedcbafedcbafedcbafedcbafedc'

const RANK = 2
/** Of the demo's feed-forward layers. */
const [WIDTH, INNER] = [256, 1024]
const LAYER = 'base_model.model.model.language_model.decoder.layers.2.fc2'

/** Files of the repository; trainers save the tokenizer's beside the adapter's own. */
export function adapterFiles(config: Readonly<Record<string, unknown>> = {}): {
  readonly [name: string]: StandInFile
} {
  const { header, data } = renderSafetensors([
    tensor(`${LAYER}.lora_A.weight`, [RANK, INNER], 1),
    tensor(`${LAYER}.lora_B.weight`, [WIDTH, RANK], 2),
  ])
  const json = { peft_type: 'LORA', r: RANK, lora_alpha: 2 * RANK, target_modules: ['fc2'] }
  return {
    'README.md': gitFile('An adapter.'),
    'adapter_config.json': gitFile(JSON.stringify({ ...json, ...config })),
    'adapter_model.safetensors': lfsFile(Buffer.concat([header, data])),
    'tokenizer_config.json': gitFile('{}'),
  }
}

export function adapterRepository(base: string | null): StandInRepository {
  return { commit: ADAPTER_COMMIT, files: adapterFiles({ base_model_name_or_path: base }) }
}

function tensor(name: string, shape: readonly [number, number], seed: number) {
  const bytes = createNumpyBytes(seed, shape[0] * shape[1])
  const values = Float32Array.from(bytes, (byte) => (byte - 127) / 128)
  return { name, dtype: 'F32' as const, shape, values }
}
