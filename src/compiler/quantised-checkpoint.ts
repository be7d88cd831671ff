// Checkpoints whose weights another program has quantised: each is named by its method, since their
// packed numbers mean nothing without that program.
import { z } from 'zod'
import { FlocapError } from '../base/errors.ts'
import { showValue } from '../base/show-value.ts'
import { CONFIG_FILE } from '../weights/model-files.ts'

const FIELD = 'quantization_config'

const schema = z.looseObject({ [FIELD]: z.unknown().optional() })

/** Fields of the many methods that say which it is; whatever they hold, the weights are quantised. */
const methodSchema = z
  .looseObject({
    quant_method: z.string().optional().catch(undefined),
    load_in_4bit: z.boolean().optional().catch(undefined),
    load_in_8bit: z.boolean().optional().catch(undefined),
    bits: z.number().optional().catch(undefined),
  })
  .catch({})

/** Names of the methods, as transformers writes them in `quant_method`, in words. */
const METHODS: Readonly<Record<string, string>> = {
  bitsandbytes: 'bitsandbytes',
  fp8: 'float8 (fp8)',
  fbgemm_fp8: 'float8 (fbgemm_fp8)',
  gptq: 'GPTQ',
  awq: 'AWQ',
  hqq: 'HQQ',
  torchao: 'torchao',
  quanto: 'Quanto',
  'compressed-tensors': 'compressed-tensors',
}

/**
 * @param json what config.json holds
 * @throws FlocapError `invalid_model` naming the method
 */
export function assertNotQuantised(json: unknown): void {
  const parsed = schema.safeParse(json)
  const config = parsed.success ? parsed.data[FIELD] : undefined
  if (config === undefined || config === null) return
  throw new FlocapError(
    'invalid_model',
    `Expected plain weights, got weights quantised with ${describe(config)} (${FIELD} in ${CONFIG_FILE}).`,
    {
      subject: FIELD,
      hint:
        'Give FloCap the model that this one was made from, in float16 or float32: it quantises to ' +
        '8 bits by itself, and measures what that costs.',
    },
  )
}

function describe(config: unknown): string {
  const fields = methodSchema.parse(config)
  const { quant_method: method, load_in_4bit: is4Bit, load_in_8bit: is8Bit } = fields
  const name = method === undefined ? 'an unnamed method' : (METHODS[method] ?? showValue(method))
  const width = is4Bit === true ? 4 : is8Bit === true ? 8 : fields.bits
  return width === undefined ? name : `${name}, ${width} bits`
}
