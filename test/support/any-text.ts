// Text of any UTF-16 code units for property tests: control characters and lone surrogates included.
import * as fc from 'fast-check'

/** fast-check's own string of any code points builds tables for seconds; this one does not. */
export function anyText(maxLength: number): fc.Arbitrary<string> {
  return fc
    .array(fc.nat({ max: 0xffff }), { maxLength })
    .map((units) => String.fromCharCode(...units))
}
