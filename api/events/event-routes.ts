/**
 * `POST /v1/events`. The answer is 202 once every event that is taken is durable, with one outcome an event, in order;
 * a duplicate is taken too. Only when none is taken is the answer 400.
 *
 * This is the path that all load goes over, so the body is read and parsed once and by hand, and the answer is written
 * without the framework's response; the route's document comes from the same schemas.
 */
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { eventIdSchema, type WireEvent, wireEventSchema } from '../../datasets/event.ts'
import type { Metrics } from '../../observability/metrics.ts'
import type { Appended, EventLog } from '../../pipeline/event-log.ts'
import { type ArtistOf, ingest } from '../../pipeline/ingest.ts'
import type { Application } from '../http/application.ts'
import { readText } from '../http/body.ts'
import { type HttpEnv, quickJson, type ServerState } from '../http/guard.ts'
import { BATCH_EVENTS_MAX, type HttpLimits } from '../http/limits.ts'
import { jsonAnswer, problemAnswers } from '../http/openapi.ts'
import { Problem, type ProblemDocument, problemDocument, problemSchema } from '../http/problem.ts'
import { candidatesOf } from './event-body.ts'
import { type Judged, judgeEvents, REFUSAL_REASONS, type Refusal } from './event-gate.ts'
import { readToken } from './token.ts'

export const EVENT_TYPES = ['application/json', 'application/x-ndjson'] as const

export interface EventRouteOptions {
  log: EventLog
  artistOf: ArtistOf
  clock: () => number
  secret: Uint8Array
  /** Whether a request without a token is refused. */
  requireToken: boolean
  metrics: Metrics
  state: ServerState
  limits: HttpLimits
  /** Told after every append whether the log took it. */
  onAppend: (ok: boolean) => void
}

const eventSchema = wireEventSchema.meta({ id: 'WireEvent', description: 'One event of a player' })

const seedLineSchema = z
  .looseObject({
    timestamp: z.string().meta({ description: 'UTC, as `Thu Dec 19 13:11:06 2013` or `2013-12-19 13:11:06`' }),
    uid: z.string(),
    event: z.string(),
    songid: z.string().optional(),
    ip4: z.string().optional(),
  })
  .meta({ id: 'SeedLine', description: 'A line of the first MusicBox; its eid is derived from its content' })

const oneSchema = z.union([eventSchema, seedLineSchema])
const listSchema = z.array(oneSchema).min(1).max(BATCH_EVENTS_MAX)
const bodySchema = z.union([oneSchema, listSchema, z.strictObject({ events: listSchema })])

const refusedProblemSchema = problemSchema.extend({ reason: z.enum(REFUSAL_REASONS) }).meta({ id: 'EventProblem' })

const outcomeSchema = z
  .strictObject({
    index: z.int().min(0).meta({ description: 'Place in the request, from 0' }),
    state: z.enum(['accepted', 'duplicate', 'refused']),
    eid: eventIdSchema.optional(),
    problem: refusedProblemSchema.optional(),
  })
  .meta({ id: 'EventOutcome' })

const answerSchema = z
  .strictObject({
    accepted: z.int(),
    duplicates: z.int(),
    refused: z.int(),
    results: z.array(outcomeSchema),
  })
  .meta({ id: 'EventsAnswer' })

type Outcome = z.infer<typeof outcomeSchema>
type Answer = z.infer<typeof answerSchema>

const route = createRoute({
  method: 'post',
  path: '/v1/events',
  tags: ['events'],
  summary: 'Takes 1 to 500 events',
  description:
    'Answers 202 when every event that is accepted is durable. An event whose `eid` is there already is a `duplicate`, ' +
    'so sending again is always safe. With a token, only events of its own user are taken.',
  security: [{ token: [] }, {}],
  request: {
    body: {
      required: true,
      content: {
        'application/json': { schema: bodySchema },
        'application/x-ndjson': { schema: z.string().meta({ description: 'One event a line' }) },
      },
    },
  },
  responses: {
    202: jsonAnswer('Durable; one outcome an event, in order', answerSchema),
    ...problemAnswers(
      'invalid-json',
      'invalid-request',
      'no-event-accepted',
      'unauthorized',
      'too-large',
      'unsupported-media-type',
      'unavailable',
    ),
  },
})

export function eventRoutes(app: Application, options: EventRouteOptions): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' })
  app.openAPIRegistry.registerPath(route)
  app.post(route.path, (c) => takeEvents(c, options))
}

async function takeEvents(c: Context<HttpEnv>, options: EventRouteOptions): Promise<Response> {
  const { clock, state, limits, metrics } = options
  const received_ms = clock()
  const uid = userOf(c, options, received_ms)
  const text = await readText(c, { state, limits, types: EVENT_TYPES })
  const candidates = candidatesOf(text)
  metrics.events_received_total.inc(candidates.length)
  const judged = judgeEvents(candidates, { now_ms: received_ms, uid, body_chars: text.length })
  const events = judged.flatMap((one) => (one.state === 'good' ? [one.event] : []))
  const appended = events.length === 0 ? [] : await store(events, received_ms, options)
  const answer = settle(judged, appended, metrics)
  if (events.length === 0) {
    const { refused, results } = answer
    const detail =
      refused === 1 ? results[0]!.problem!.detail : `Expected at least one good event, got ${refused} bad ones.`
    const errors = refused === 1 ? results[0]!.problem!.errors : undefined
    throw new Problem('no-event-accepted', detail, { members: { ...answer, ...(errors && { errors }) } })
  }
  return quickJson(202, answer)
}

/** The token's user; undefined without a token. @throws Problem `unauthorized` */
function userOf(c: Context<HttpEnv>, { secret, requireToken }: EventRouteOptions, now_ms: number): string | undefined {
  const header = c.req.header('authorization')
  if (header === undefined && !requireToken) return undefined
  const token = header === undefined ? undefined : /^Bearer +(\S+)$/i.exec(header)?.[1]
  const claims = token === undefined ? undefined : readToken(token, secret, now_ms)
  if (claims) return claims.uid
  const came = header === undefined ? 'none' : 'one that is not ours, or has expired'
  throw new Problem('unauthorized', `Expected a token of this server, got ${came}.`, {
    headers: { 'WWW-Authenticate': 'Bearer' },
  })
}

async function store(
  events: WireEvent[],
  received_ms: number,
  { log, artistOf, metrics, onAppend }: EventRouteOptions,
): Promise<readonly Appended[]> {
  const started_ms = performance.now()
  try {
    const appended = await ingest(events, { log, artistOf, receivedMs: () => received_ms })
    onAppend(true)
    return appended
  } catch (error) {
    onAppend(false)
    throw error
  } finally {
    metrics.log_append_duration_seconds.observe((performance.now() - started_ms) / 1000)
    metrics.log_append_batch_events.observe(events.length)
  }
}

/** Joins what the door and the log said, in the order of the request. */
function settle(judged: readonly Judged[], appended: readonly Appended[], metrics: Metrics): Answer {
  const answer: Answer = { accepted: 0, duplicates: 0, refused: 0, results: [] }
  let next = 0
  for (const [index, one] of judged.entries()) {
    let outcome: Outcome
    if (one.state === 'refused') {
      answer.refused++
      metrics.events_refused_total.inc({ reason: one.refusal.reason })
      outcome = { index, state: 'refused', ...(one.eid && { eid: one.eid }), problem: eventProblem(one.refusal) }
    } else if (appended[next++]!.state === 'duplicate') {
      answer.duplicates++
      metrics.events_duplicate_total.inc()
      outcome = { index, state: 'duplicate', eid: one.event.eid }
    } else {
      answer.accepted++
      metrics.events_accepted_total.inc({ event: one.event.event })
      outcome = { index, state: 'accepted', eid: one.event.eid }
    }
    answer.results.push(outcome)
  }
  return answer
}

function eventProblem({ reason, detail, errors }: Refusal): ProblemDocument & { reason: Refusal['reason'] } {
  return { ...problemDocument('event-refused', detail, errors && { errors }), reason }
}
