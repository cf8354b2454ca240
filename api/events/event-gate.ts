/** The door that every event passes: is it one, is its time possible, may this sender send it? */
import { type WireEvent, wireEventSchema } from '../../datasets/event.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { fromSeedObject, seedContent } from '../../datasets/seed-line.ts'
import { EVENT_BYTES_MAX, FUTURE_MS_MAX } from '../http/limits.ts'
import type { ProblemMember } from '../http/problem.ts'
import { problemErrors } from '../http/schema-problem.ts'
import type { Candidate } from './event-body.ts'

export const REFUSAL_REASONS = ['not-json', 'invalid', 'too-large', 'ts-in-future', 'foreign-uid'] as const

/** Why an event is not taken; also the label of the metric. */
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

export interface Refusal {
  reason: RefusalReason
  detail: string
  errors?: ProblemMember[]
}

export type Judged = { state: 'good'; event: WireEvent } | { state: 'refused'; eid?: string; refusal: Refusal }

export interface GateOptions {
  now_ms: number
  /** The user of the request's token; undefined without one. */
  uid: string | undefined
  /** Length of the body, which no event can exceed. */
  body_chars: number
}

/** One outcome a candidate, in order. */
export function judgeEvents(candidates: readonly Candidate[], options: GateOptions): Judged[] {
  const seen = new Map<string, number>()
  return candidates.map((candidate) => {
    if (candidate.state === 'not-json') {
      const piece = JSON.stringify(candidate.text.slice(0, 40).toWellFormed())
      return refused('not-json', `Expected an event as a JSON object, got text that starts with ${piece}.`)
    }
    return judge(candidate.value, candidate.at, seen, options)
  })
}

function judge(value: unknown, at: readonly PropertyKey[], seen: Map<string, number>, options: GateOptions): Judged {
  const eid = eidOf(value)
  const read = isSeedLine(value) ? readSeedLine(value, seen) : readWireEvent(value, at)
  if (read.state === 'refused') {
    // The longest event that the schema allows is far below the limit, so only what is refused can be above it, and
    // only then is it worth measuring.
    const tooLarge = options.body_chars > EVENT_BYTES_MAX && sizeOf(value) > EVENT_BYTES_MAX
    const outcome = tooLarge ? refused('too-large', `Expected an event of at most ${EVENT_BYTES_MAX} bytes.`) : read
    return eid === undefined ? outcome : { ...outcome, eid }
  }
  const { event } = read
  if (event.ts > options.now_ms + FUTURE_MS_MAX) {
    const ahead_s = Math.round((event.ts - options.now_ms) / 1000)
    return {
      ...refused(
        'ts-in-future',
        `Expected ts to be at most ${FUTURE_MS_MAX / 60_000} minutes after the server’s clock, got ${ahead_s} seconds after it.`,
      ),
      eid: event.eid,
    }
  }
  if (options.uid !== undefined && options.uid !== event.uid) {
    return { ...refused('foreign-uid', 'Expected uid to be the token’s, got another.'), eid: event.eid }
  }
  return read
}

type Refused = Extract<Judged, { state: 'refused' }>

function refused(reason: RefusalReason, detail: string, errors?: ProblemMember[]): Refused {
  return { state: 'refused', refusal: { reason, detail, ...(errors && { errors }) } }
}

function readWireEvent(value: unknown, at: readonly PropertyKey[]): Judged {
  const parsed = wireEventSchema.safeParse(value)
  if (parsed.success) return { state: 'good', event: parsed.data }
  const errors = problemErrors(parsed.error.issues, value, at)
  return refused('invalid', errors[0]!.detail, errors)
}

/** The seed's lines say `timestamp` where ours say `ts`, and have no id. */
function isSeedLine(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && 'timestamp' in value && !('eid' in value)
}

/** @param seen how often each line came before in this request: identical lines are told apart by their order */
function readSeedLine(value: Record<string, unknown>, seen: Map<string, number>): Judged {
  try {
    const content = seedContent(value)
    const ordinal = seen.get(content) ?? 0
    seen.set(content, ordinal + 1)
    return { state: 'good', event: fromSeedObject(value, ordinal) }
  } catch (error) {
    if (error instanceof MusicboxError) return refused('invalid', error.message)
    // What can be parsed may still be too deep to be written again.
    if (error instanceof RangeError)
      return refused('invalid', 'Expected a line of texts and numbers, got a deep value.')
    throw error
  }
}

/** The id under which a refused event came, if it has one that can be told back. */
function eidOf(value: unknown): string | undefined {
  const eid = typeof value === 'object' && value !== null && 'eid' in value ? value.eid : undefined
  return typeof eid === 'string' && /^[0-9a-f]{32}$/.test(eid) ? eid : undefined
}

/** Bytes of a value as JSON; one too deep for the stack is too large in any case. */
function sizeOf(value: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(value))
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
