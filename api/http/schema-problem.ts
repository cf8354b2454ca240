/** Turns what a schema found into the entries of a problem: a pointer, what was expected there, and what came. */
import type { z } from 'zod'
import type { ProblemMember } from './problem.ts'

const ERRORS_MAX = 20

/**
 * One entry an issue, twenty at most.
 * @param input the value that was checked: issues do not carry what came
 * @param at    path of `input` in the request, for the pointer
 */
export function problemErrors(
  issues: readonly z.core.$ZodIssue[],
  input: unknown,
  at: readonly PropertyKey[] = [],
): ProblemMember[] {
  return issues.slice(0, ERRORS_MAX).map((issue) => ({
    detail: detailOf(issue, input),
    pointer: pointerTo([...at, ...issue.path]),
  }))
}

/** JSON Pointer (RFC 6901) as a URI fragment. */
export function pointerTo(path: readonly PropertyKey[]): string {
  const tokens = path.map((token) =>
    encodeURIComponent(String(token).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1')),
  )
  return ['#', ...tokens].join('/')
}

function detailOf(issue: z.core.$ZodIssue, input: unknown): string {
  const subject = issue.path.length === 0 ? 'the value' : issue.path.map(String).join('.')
  const came = valueAt(input, issue.path)
  const got = came === undefined ? 'it is missing' : `got ${shown(came)}`
  switch (issue.code) {
    case 'unrecognized_keys':
      return `Expected no field beside those that are documented, got ${issue.keys.slice(0, 5).map(shown).join(', ')}.`
    case 'invalid_union':
      return 'options' in issue && issue.options !== undefined
        ? `Expected ${subject} to be one of ${issue.options.map(String).join(', ')}; ${got}.`
        : `Expected ${subject} to be of one of the documented forms; ${got}.`
    case 'invalid_value':
      return `Expected ${subject} to be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}; ${got}.`
    case 'invalid_type':
      return `Expected ${subject} to be ${TYPES[issue.expected] ?? issue.expected}; ${got}.`
    case 'too_small':
      return `Expected ${subject} to ${measured(issue.origin)} at least ${issue.minimum}${unit(issue.origin)}; ${got}.`
    case 'too_big':
      return `Expected ${subject} to ${measured(issue.origin)} at most ${issue.maximum}${unit(issue.origin)}; ${got}.`
    case 'invalid_format':
      // The schema's own sentences start with "expected"; the library's do not.
      return issue.message.startsWith('expected ')
        ? `Expected ${subject} to be ${issue.message.slice('expected '.length)}; ${got}.`
        : `Expected ${subject} to be ${FORMATS[issue.format] ?? `of the form ${issue.format}`}; ${got}.`
    default:
      return issue.message.startsWith('expected ')
        ? `Expected ${subject} to be ${issue.message.slice('expected '.length)}; ${got}.`
        : `${issue.message}; ${got}.`
  }
}

const TYPES: Record<string, string> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  array: 'a list',
  object: 'an object',
  boolean: 'true or false',
}

const FORMATS: Record<string, string> = { ipv4: 'an IPv4 address' }

function measured(origin: string): string {
  return origin === 'string' || origin === 'array' ? 'have' : 'be'
}

function unit(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : ''
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<PropertyKey, unknown>)[key]
  }
  return value
}

/** A value as a short text, never its whole content. */
function shown(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 60 ? `a text of ${value.length} characters` : JSON.stringify(value)
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}
