// How a schema is refused: always with the property at fault.
import { FlocapError } from '../../base/errors.ts'

/** `tags[].name` of the steps to a property; the root is the empty path. */
export function joinPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/**
 * @param field where the schema stands in the request.
 * @param path the property of the answer, such as `tags[].name`.
 */
export function refuseSchema(field: string, path: string, why: string): FlocapError {
  const where = path === '' ? 'The root' : `Property '${path}'`
  return new FlocapError('invalid_schema', `${where} of the JSON schema in '${field}' ${why}`, {
    subject: path === '' ? field : `${field}: ${path}`,
    hint: 'docs/guide/structured-answers.md lists what a schema may ask for.',
  })
}
