/**
 * Every answer that is not the one asked for is a problem document (RFC 9457, `application/problem+json`). Its `type`
 * is a link to the page that explains it, `/docs#<kind>`; its `detail` says what was expected and what came.
 */
import { z } from '@hono/zod-openapi'
import { FAILURES, MusicboxError } from '../../datasets/failure.ts'

/** All kinds of problem. `remedy` is what the page at `/docs` tells the reader to do. */
export const PROBLEMS = {
  'invalid-json': {
    status: 400,
    title: 'The body is not JSON',
    remedy: 'Send one JSON value in UTF-8. The detail names the first place that could not be read.',
  },
  'invalid-request': {
    status: 400,
    title: 'The request is not of the expected form',
    remedy: 'Each entry of `errors` names a place (JSON Pointer) and says what was expected there and what came.',
  },
  'no-event-accepted': {
    status: 400,
    title: 'No event was accepted',
    remedy: 'Every event of the request was refused; `results` says why, one entry an event, in order.',
  },
  'event-refused': {
    status: 400,
    title: 'An event was refused',
    remedy: 'Other events of the request were taken. Correct this one and send it again under the same `eid`.',
  },
  unauthorized: {
    status: 401,
    title: 'The token is not valid',
    remedy: 'Log in again (`POST /v1/login`) and send `Authorization: Bearer <token>`.',
  },
  'not-found': {
    status: 404,
    title: 'There is no such thing',
    remedy: 'Check the id. Search finds songs and artists by name; report ids are the catalogue’s.',
  },
  'no-such-route': { status: 404, title: 'There is no such route', remedy: 'All routes are listed on this page.' },
  'method-not-allowed': {
    status: 405,
    title: 'The route does not take this method',
    remedy: 'The header `Allow` lists the methods that it takes.',
  },
  'request-timeout': {
    status: 408,
    title: 'The request came too slowly',
    remedy: 'Headers must be complete within 5 seconds, the request within 15.',
  },
  'too-large': {
    status: 413,
    title: 'The request is too large',
    remedy: 'Send at most 1,000,000 bytes and 500 events a request, and 32 KiB an event.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body is of a type that is not taken',
    remedy: 'Send `Content-Type: application/json` (or `application/x-ndjson` for events), UTF-8, not compressed.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    remedy: 'Wait as long as `Retry-After` says. A hundred requests a second are fine, five logins a second.',
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are too large',
    remedy: 'Send at most 64 headers of at most 16 KiB together.',
  },
  internal: {
    status: 500,
    title: 'The server failed',
    remedy: 'This is a fault of the server; its log has the cause. An event may or may not be stored: send it again.',
  },
  unavailable: {
    status: 503,
    title: 'A store does not answer',
    remedy: 'Wait as long as `Retry-After` says and send the same request again; `eid` makes that safe.',
  },
  overloaded: {
    status: 503,
    title: 'The server is overloaded',
    remedy: 'Nothing was read or stored. Wait as long as `Retry-After` says and send the same request again.',
  },
  'not-ready': {
    status: 503,
    title: 'The server is not ready',
    remedy: '`checks` says which part; a server that is closing says so too.',
  },
} as const satisfies Record<string, { status: number; title: string; remedy: string }>

export type ProblemKind = keyof typeof PROBLEMS

export const PROBLEM_TYPE = 'application/problem+json'

export const problemErrorSchema = z
  .object({
    detail: z.string(),
    pointer: z.string().openapi({ description: 'JSON Pointer as a URI fragment', example: '#/events/0/stars' }),
  })
  .openapi('ProblemError')

/** The members that every problem has; a kind may add its own (`results`, `checks`, `reason`). */
export const problemSchema = z
  .looseObject({
    type: z.string().openapi({ description: 'Link to the page that explains this kind', example: '/docs#not-found' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().openapi({ description: 'What was expected and what came' }),
    errors: z.array(problemErrorSchema).optional(),
  })
  .openapi('Problem')

export type ProblemMember = z.infer<typeof problemErrorSchema>
export type ProblemDocument = z.infer<typeof problemSchema>

/** A problem on its way to the client. Thrown anywhere in a handler; see `application.ts`. */
export class Problem extends Error {
  readonly kind: ProblemKind
  /** Members beside the five of {@link problemSchema}. */
  readonly members: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  constructor(
    kind: ProblemKind,
    detail: string,
    also: { members?: Record<string, unknown>; headers?: Record<string, string> } = {},
    options?: ErrorOptions,
  ) {
    super(detail, options)
    this.name = 'Problem'
    this.kind = kind
    this.members = also.members ?? {}
    this.headers = also.headers ?? {}
  }

  get status(): number {
    return PROBLEMS[this.kind].status
  }
}

export function problemDocument(kind: ProblemKind, detail: string, members: object = {}): ProblemDocument {
  const { title, status } = PROBLEMS[kind]
  return { type: `/docs#${kind}`, title, status, detail, ...members }
}

export function problemResponse(problem: Problem): Response {
  return new Response(JSON.stringify(problemDocument(problem.kind, problem.message, problem.members)), {
    status: problem.status,
    headers: { 'Content-Type': PROBLEM_TYPE, 'Cache-Control': 'no-store', ...problem.headers },
  })
}

/**
 * What a client is told of anything thrown. A failure of a store becomes 503 without its message, which may name
 * paths and hosts: those are for the operator. What is not expected becomes 500, and nothing else of it is told.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  const http = error instanceof MusicboxError ? httpStatus(error) : undefined
  if (error instanceof MusicboxError && http === 404) return new Problem('not-found', error.message)
  if (error instanceof MusicboxError && http === 400) return new Problem('invalid-request', error.message)
  if (error instanceof MusicboxError && http === 503) {
    const detail =
      error.code === 'backend.full'
        ? 'Expected room in the store; it has none left. Nothing was acknowledged.'
        : 'Expected the store to answer; it did not. Nothing was acknowledged.'
    return new Problem('unavailable', detail, { headers: { 'Retry-After': '2' } }, { cause: error })
  }
  return new Problem('internal', 'The server met something it did not expect.', {}, { cause: error })
}

function httpStatus(error: MusicboxError): number | undefined {
  const failure = FAILURES[error.code]
  return 'http' in failure ? failure.http : undefined
}
