/** What is wrong with a scenario, in words: where, what was expected, what came, and what may have been meant. */
import type { z } from 'zod'
import { MusicboxError } from '../../datasets/failure.ts'
import { nearName } from './near-name.ts'

export interface Problem {
  /** Like `shocks[2].day`; empty for the whole. */
  path: string
  message: string
}

/** A scenario that cannot be: code `input.invalid`. Its message names every problem. */
export class ScenarioError extends MusicboxError {
  readonly problems: readonly Problem[]

  constructor(path: string, problems: readonly Problem[]) {
    const lines = problems.map(({ path: at, message }) => (at === '' ? message : `${at}: ${message}`))
    const text = lines.length === 1 ? `: ${lines[0]}` : `, which has ${lines.length} problems:\n${indented(lines)}`
    super(
      'input.invalid',
      `expected ${path} to be a scenario${text}`,
      '"musicbox scenario schema" prints what a scenario may hold, "musicbox scenario show realistic" an example',
    )
    this.problems = problems
  }
}

/** Just what a JSON schema of a scenario has. */
interface SchemaNode {
  properties?: Record<string, SchemaNode>
  items?: SchemaNode
  oneOf?: SchemaNode[]
  anyOf?: SchemaNode[]
  const?: unknown
}

/** The problems that a schema found in what was given, in the order of the text. */
export function problemsOf({ issues }: z.ZodError, given: unknown, schema: SchemaNode): Problem[] {
  return issues.flatMap(({ path: keys, ...issue }): Problem[] => {
    if (issue.code === 'unrecognized_keys') {
      const known = fieldsAt(schema, given, keys)
      return issue.keys.map((key) => ({ path: pathText([...keys, key]), message: unknownField(key, known) }))
    }
    const value = valueAt(given, keys)
    const got = value === undefined ? 'nothing' : shortJson(value)
    const meant = typeof value === 'string' ? nearName(value, choicesIn(issue.message)) : undefined
    return [{ path: pathText(keys), message: `${issue.message}, got ${got}${didYouMean(meant)}` }]
  })
}

export function pathText(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')
}

function unknownField(key: string, known: readonly string[]): string {
  const near = nearName(key, known)
  if (near !== undefined) return `unknown field${didYouMean(near)}`
  return `unknown field; expected one of ${known.filter((name) => name !== '$schema').join(', ')}`
}

function didYouMean(name: string | undefined): string {
  return name === undefined ? '' : `; did you mean \`${name}\`?`
}

/** The names in a sentence like "expected one of a, b, c". */
function choicesIn(message: string): string[] {
  return (/one of (.+)$/.exec(message)?.[1] ?? '').split(', ')
}

/** The names of the fields that may stand at a place. */
function fieldsAt(schema: SchemaNode, given: unknown, keys: readonly PropertyKey[]): string[] {
  let node: SchemaNode | undefined = variantOf(schema, given)
  for (const [depth, key] of keys.entries()) {
    const next: SchemaNode | undefined = typeof key === 'number' ? node?.items : node?.properties?.[String(key)]
    node = next && variantOf(next, valueAt(given, keys.slice(0, depth + 1)))
  }
  return Object.keys(node?.properties ?? {})
}

/** Of several variants the one whose kind was given, else one that is an object. */
function variantOf(node: SchemaNode, value: unknown): SchemaNode {
  const variants = node.oneOf ?? node.anyOf
  if (variants === undefined) return node
  const kind = (value as { kind?: unknown } | null)?.kind
  return (
    variants.find(({ properties }) => properties?.['kind'] !== undefined && properties['kind'].const === kind) ??
    variants.find(({ properties }) => properties !== undefined) ??
    node
  )
}

function valueAt(given: unknown, keys: readonly PropertyKey[]): unknown {
  return keys.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], given)
}

function shortJson(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n')
}
