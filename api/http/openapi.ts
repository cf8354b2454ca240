/** The pieces of which the routes' own documents are made, and the whole document. */
import type { OpenAPIHono, RouteConfig, z } from '@hono/zod-openapi'
import type { HttpEnv } from './guard.ts'
import { PROBLEM_TYPE, PROBLEMS, type ProblemKind, problemSchema } from './problem.ts'

type Responses = RouteConfig['responses']

export function jsonAnswer<S extends z.ZodType>(
  description: string,
  schema: S,
): { description: string; content: { 'application/json': { schema: S } } } {
  return { description, content: { 'application/json': { schema } } }
}

interface ProblemAnswer {
  description: string
  content: { [PROBLEM_TYPE]: { schema: typeof problemSchema } }
}

/** The answers of a route that are problems, by status. Kinds of one status share an entry. */
export function problemAnswers(...kinds: ProblemKind[]): Responses {
  const answers: Record<number, ProblemAnswer> = {}
  for (const kind of kinds) {
    const { status, title } = PROBLEMS[kind]
    const earlier = answers[status]?.description
    answers[status] = {
      description: earlier === undefined ? title : `${earlier}; ${title.toLowerCase()}`,
      content: { [PROBLEM_TYPE]: { schema: problemSchema } },
    }
  }
  return answers
}

/** What any route may answer: the limits, shedding, and the server's own failure. */
export const EVERY_ROUTE: readonly ProblemKind[] = [
  'request-timeout',
  'too-large',
  'headers-too-large',
  'internal',
  'overloaded',
  'too-many-requests',
]

function anyAnswers(): Record<string, object> {
  const content = { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } }
  return Object.fromEntries(
    EVERY_ROUTE.map((kind) => [PROBLEMS[kind].status, { description: PROBLEMS[kind].title, content }]),
  )
}

export interface DocumentInfo {
  title: string
  description: string
}

export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>

/** OpenAPI 3.1, generated from the routes. */
export function openApiDocument(app: OpenAPIHono<HttpEnv>, info: DocumentInfo): OpenApiDocument {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      ...info,
      version: '1',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
  })
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(path)) {
      if (typeof operation !== 'object' || !('responses' in operation)) continue
      operation.responses = { ...anyAnswers(), ...operation.responses }
    }
  }
  return withKnownFormats(document)
}

/** The generator calls an IPv4 address `ip`, which JSON Schema does not know. */
function withKnownFormats(document: OpenApiDocument): OpenApiDocument {
  return JSON.parse(JSON.stringify(document), (key, value) => (key === 'format' && value === 'ip' ? 'ipv4' : value))
}
