/**
 * Finds the events in a body. Players send one object, a list, or `{ "events": [...] }`; the seed's generator wrote
 * objects one after the other, at times with no newline between, and those are taken as well.
 */
import { parseJson } from '../http/body.ts'
import { BATCH_EVENTS_MAX } from '../http/limits.ts'
import { Problem } from '../http/problem.ts'

/** A piece of a body that should be one event, not yet looked at; `at` is its path in the body, for pointers. */
export type Candidate =
  | { state: 'parsed'; value: unknown; at: readonly PropertyKey[] }
  | { state: 'not-json'; text: string }

/**
 * The candidates of a body, in order, 1 to {@link BATCH_EVENTS_MAX}.
 * @throws Problem `invalid-json` when there is no JSON in it, `invalid-request` when it is of another form or empty,
 *   `too-large` when there are too many
 */
export function candidatesOf(text: string): Candidate[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Only now: splitting is slower than parsing, and a good body needs none.
    return checked(joinedObjects(text))
  }
  return checked(listOf(value))
}

function listOf(value: unknown): Candidate[] {
  if (Array.isArray(value)) return value.map((one, index) => ({ state: 'parsed', value: one, at: [index] }))
  if (typeof value !== 'object' || value === null) {
    throw new Problem(
      'invalid-request',
      'Expected an event, a list of events or {"events": [...]}, got another value.',
      {
        members: {
          errors: [
            { detail: `Expected an object or a list, got ${JSON.stringify(value).slice(0, 50)}.`, pointer: '#' },
          ],
        },
      },
    )
  }
  if (!('events' in value)) return [{ state: 'parsed', value, at: [] }]
  const { events, ...rest } = value as { events: unknown }
  const extra = Object.keys(rest)
  if (Array.isArray(events) && extra.length === 0) {
    return events.map((one, index) => ({ state: 'parsed', value: one, at: ['events', index] }))
  }
  throw new Problem('invalid-request', 'Expected {"events": [...]} with a list and nothing beside it.', {
    members: {
      errors: [
        Array.isArray(events)
          ? { detail: `Expected no field beside events, got ${JSON.stringify(extra[0]!.slice(0, 50))}.`, pointer: '#' }
          : { detail: 'Expected events to be a list.', pointer: '#/events' },
      ],
    },
  })
}

function checked(candidates: Candidate[]): Candidate[] {
  if (candidates.length === 0) {
    throw new Problem('invalid-request', `Expected 1 to ${BATCH_EVENTS_MAX} events, got none.`)
  }
  if (candidates.length > BATCH_EVENTS_MAX) {
    throw new Problem('too-large', `Expected at most ${BATCH_EVENTS_MAX} events, got ${candidates.length}.`)
  }
  return candidates
}

/**
 * Objects run together, with or without white space between. A piece that is no JSON becomes a candidate of its own; it
 * is refused alone and takes no other event with it.
 * @throws Problem `invalid-json` when the body is not several objects
 */
function joinedObjects(text: string): Candidate[] {
  // A list that is cut short is a list still, and its sender must learn that its end is missing.
  if (!text.trimStart().startsWith('{')) parseJson(text)
  const candidates: Candidate[] = []
  for (const piece of pieces(text)) {
    candidates.push(parsed(piece, candidates.length))
    // What is too much is refused as a whole, so the rest need not be read.
    if (candidates.length > BATCH_EVENTS_MAX) return candidates
  }
  if (candidates.length < 2 || !candidates.some(({ state }) => state === 'parsed')) parseJson(text)
  return candidates
}

function parsed(text: string, index: number): Candidate {
  try {
    return { state: 'parsed', value: JSON.parse(text), at: [index] }
  } catch {
    return { state: 'not-json', text }
  }
}

/** Cuts at each `}` that closes what its `{` opened; what is not in braces is cut at the next `{` or newline. */
function* pieces(text: string): Generator<string> {
  let start = 0
  let depth = 0
  let inString = false
  // Whether anything but white space came since the last cut: kept as it goes, for looking back would be quadratic.
  let any = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (inString) {
      if (char === '\\') at++
      else if (char === '"') inString = false
      continue
    }
    const cutBefore = depth === 0 && any && (char === '{' || char === '\n')
    if (cutBefore) {
      yield text.slice(start, at).trim()
      start = at
      any = false
    }
    if (char === '{') depth++
    else if (char === '"' && depth > 0) inString = true
    else if (char === '}' && depth > 0) {
      depth--
      if (depth === 0) {
        yield text.slice(start, at + 1).trim()
        start = at + 1
        any = false
        continue
      }
    }
    any ||= !WHITE.has(char)
  }
  if (any) yield text.slice(start).trim()
}

const WHITE = new Set([' ', '\t', '\r', '\n', '\ufeff'])
