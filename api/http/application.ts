/**
 * The application that both servers start from: guarded, every failure a problem document, its own document at
 * `/openapi.json` and a readable page of it at `/docs`.
 */
import { OpenAPIHono } from '@hono/zod-openapi'
import { HTTPException } from 'hono/http-exception'
import { docsRoutes } from './docs-page.ts'
import { type GuardOptions, guard, type HttpEnv } from './guard.ts'
import { healthRoutes, type ReadinessCheck } from './health.ts'
import type { DocumentInfo } from './openapi.ts'
import { Problem, problemOf, problemResponse } from './problem.ts'
import { problemErrors } from './schema-problem.ts'

export type Application = OpenAPIHono<HttpEnv>

export interface ApplicationOptions extends GuardOptions {
  info: DocumentInfo
  checks: Readonly<Record<string, ReadinessCheck>>
  /** Told of every failure that is not the client's. */
  onFault: (error: unknown) => void
}

export function createApplication(options: ApplicationOptions): Application {
  const app: Application = new OpenAPIHono<HttpEnv>({
    defaultHook: (result, c) => {
      if (result.success) return undefined
      const sent = result.target === 'query' ? c.req.query() : c.req.param()
      const errors = problemErrors(result.error.issues, sent)
      return problemResponse(new Problem('invalid-request', errors[0]!.detail, { members: { errors } }))
    },
  })
  app.use(guard(options))
  app.onError((error) => {
    const problem = problemOf(error instanceof HTTPException ? fromHono(error) : error)
    if (problem.status >= 500 && problem.cause !== undefined) options.onFault(problem.cause)
    return problemResponse(problem)
  })
  app.notFound((c) => {
    const allowed = allowedMethods(app, c.req.path)
    return problemResponse(
      allowed.length === 0
        ? new Problem('no-such-route', 'Expected one of the routes listed at /docs, got another path.')
        : new Problem('method-not-allowed', `Expected ${allowed.join(' or ')}, got ${c.req.method}.`, {
            headers: { Allow: allowed.join(', ') },
          }),
    )
  })
  healthRoutes(app, options)
  docsRoutes(app, options.info)
  return app
}

/** Hono itself refuses bad percent-encoding and the like. */
function fromHono(error: HTTPException): unknown {
  return error.status < 500
    ? new Problem('invalid-request', `Expected a well-formed request: ${error.message}.`)
    : error
}

/** Methods of the routes that match a path, for `Allow`; none when there is no such path. */
function allowedMethods(app: Application, path: string): string[] {
  const methods = new Set<string>()
  for (const route of app.routes) {
    if (route.method === 'ALL' || !templateMatches(route.path, path)) continue
    methods.add(route.method)
    if (route.method === 'GET') methods.add('HEAD')
  }
  return [...methods].sort()
}

function templateMatches(template: string, path: string): boolean {
  const expected = template.split('/')
  const came = path.split('/')
  return (
    expected.length === came.length &&
    expected.every((part, index) => (part.startsWith(':') ? came[index] !== '' : part === came[index]))
  )
}
