// The formats that answers are checked for; others are annotations, as the specification has it.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { fullFormats } from 'ajv-formats/dist/formats.js'

export const FORMATS = fullFormats

const ajv = new Ajv2020({ strict: false, logger: false, formats: FORMATS })
const validators = new Map<string, ValidateFunction>()

/** True for a format that is not known. */
export function matchesFormat(text: string, format: string): boolean {
  if (!Object.hasOwn(FORMATS, format)) return true
  let validate = validators.get(format)
  if (validate === undefined) {
    validate = ajv.compile({ type: 'string', format })
    validators.set(format, validate)
  }
  return validate(text)
}
