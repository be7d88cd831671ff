// The error for a request that does not fit its schema: one sentence about the field that is wrong,
// in the caller's names. A validator's own English never leaves.
import type { z } from 'zod'
import { FlocapError } from '../../base/errors.ts'
import { nearestNames } from '../../base/nearest.ts'
import { showValue } from '../../base/show-value.ts'
import { expectedAt, fieldsAt } from './expected.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/** @param value what was parsed; @param issues the schema's complaints about it, at least one. */
export function wrongField(
  schema: z.ZodType,
  value: unknown,
  issues: readonly Issue[],
): FlocapError {
  const { path, unknown } = deepest(issues.map((issue) => toComplaint(issue)))
  if (unknown !== undefined) return unknownField(schema, path, unknown)
  const expected = expectedAt(schema, path)
  const got = showValue(valueAt(value, path))
  const field = fieldName(path)
  return field === ''
    ? new FlocapError('invalid_request', `Expected ${expected} as the request, got ${got}.`)
    : new FlocapError('invalid_request', `Expected ${expected} for ${field}, got ${got}.`, {
        subject: field,
      })
}

function unknownField(schema: z.ZodType, path: Path, name: string): FlocapError {
  const known = fieldsAt(schema, path)
  const near = nearestNames(name, known)
  const field = fieldName([...path, name])
  return new FlocapError(
    'invalid_request',
    `Expected a field that FloCap knows, got ${showValue(field)}.`,
    {
      hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Fields: ${known.join(', ')}.`,
      subject: field,
    },
  )
}

interface Complaint {
  readonly path: Path
  /** A field that the schema does not have. */
  readonly unknown?: string
}

/** Of all complaints the one that is furthest inside: the mistake, not what it spoils around it. */
function deepest(complaints: readonly Complaint[]): Complaint {
  return complaints.reduce<Complaint>(
    (best, each) => (depthOf(each) > depthOf(best) ? each : best),
    complaints[0] ?? { path: [] },
  )
}

function depthOf({ path, unknown }: Complaint): number {
  return path.length + (unknown === undefined ? 0 : 1)
}

/** A union complains for each alternative; the one whose own type was right was meant. */
function toComplaint(issue: Issue): Complaint {
  if (issue.code === 'unrecognized_keys') {
    const [unknown = ''] = issue.keys
    return { path: issue.path, unknown }
  }
  if (issue.code !== 'invalid_union') return { path: issue.path }
  const meant = issue.errors.filter((errors) => !errors.some((error) => isWrongType(error)))
  if (meant.length === 0) return { path: issue.path }
  const fewest = Math.min(...meant.map(({ length }) => length))
  const inner = deepest(
    meant
      .filter(({ length }) => length === fewest)
      .flat()
      .map((each) => toComplaint(each)),
  )
  return { ...inner, path: [...issue.path, ...inner.path] }
}

function isWrongType({ code, path }: Issue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value')
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (holder, key) =>
      typeof holder === 'object' && holder !== null && Object.hasOwn(holder, key)
        ? Reflect.get(holder, key)
        : undefined,
    value,
  )
}

function fieldName(path: Path): string {
  return path
    .map((key, index) =>
      typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`,
    )
    .join('')
}
