import { describe, expect, it } from 'vitest'
import { assertNotQuantised } from './quantised-checkpoint.ts'

describe('assertNotQuantised', () => {
  it.each([
    [{ quant_method: 'bitsandbytes', load_in_4bit: true }, 'bitsandbytes, 4 bits'],
    [{ quant_method: 'bitsandbytes', load_in_8bit: true }, 'bitsandbytes, 8 bits'],
    // Saved before there was a quant_method.
    [{ load_in_8bit: true, llm_int8_threshold: 6 }, 'an unnamed method, 8 bits'],
    [{ quant_method: 'gptq', bits: 4 }, 'GPTQ, 4 bits'],
    [{ quant_method: 'awq', bits: 4, version: 'gemm' }, 'AWQ, 4 bits'],
    [{ quant_method: 'fp8', weight_block_size: [128, 128] }, 'float8 (fp8)'],
    [{ quant_method: 'torchao' }, 'torchao'],
    [{ quant_method: 'next_years' }, '"next_years"'],
    [{ quant_method: 7 }, 'an unnamed method'],
    [{}, 'an unnamed method'],
    ['int4', 'an unnamed method'],
  ])('names %j', (quantization_config, name) => {
    expect(() => assertNotQuantised({ quantization_config })).toThrow(
      `quantised with ${name} (quantization_config in config.json)`,
    )
  })

  it.each([[{}], [{ quantization_config: null }], [[]], [null]])('passes %j', (json) => {
    expect(() => assertNotQuantised(json)).not.toThrow()
  })
})
