/**
 * Whether the process lives, and whether it can do its work. `live` asks nothing of anybody, so that a slow store never
 * gets a server killed; `ready` asks every part for a real answer.
 */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { HttpEnv, ServerState } from './guard.ts'
import { jsonAnswer, problemAnswers } from './openapi.ts'
import { Problem } from './problem.ts'

/** Resolves when the part works; rejects with the reason when it does not. */
export type ReadinessCheck = () => Promise<unknown>

/** A part that takes longer is not ready. */
const CHECK_MS_MAX = 2_000

const liveRoute = createRoute({
  method: 'get',
  path: '/health/live',
  tags: ['health'],
  summary: 'The process answers',
  responses: { 200: jsonAnswer('It lives', z.object({ status: z.literal('alive') })) },
})

const readyRoute = createRoute({
  method: 'get',
  path: '/health/ready',
  tags: ['health'],
  summary: 'Every part that the server needs answers, and it is not closing',
  responses: {
    200: jsonAnswer(
      'It can work',
      z.object({ status: z.literal('ready'), checks: z.record(z.string(), z.literal('ok')) }),
    ),
    ...problemAnswers('not-ready'),
  },
})

export function healthRoutes(
  app: OpenAPIHono<HttpEnv>,
  { state, checks }: { state: ServerState; checks: Readonly<Record<string, ReadinessCheck>> },
): void {
  app.openapi(liveRoute, (c) => c.json({ status: 'alive' as const }, 200))
  app.openapi(readyRoute, async (c) => {
    if (state.draining) throw notReady('The server is closing.', {})
    const outcomes = await Promise.all(
      Object.entries(checks).map(async ([part, check]) => [part, await outcome(check)]),
    )
    const found = Object.fromEntries(outcomes) as Record<string, 'ok' | 'failed' | 'slow'>
    const bad = Object.keys(found).filter((part) => found[part] !== 'ok')
    if (bad.length > 0) throw notReady(`Expected every part to answer; ${bad.join(' and ')} did not.`, found)
    return c.json({ status: 'ready' as const, checks: found as Record<string, 'ok'> }, 200)
  })
}

function notReady(detail: string, checks: Record<string, string>): Problem {
  return new Problem('not-ready', detail, { members: { checks }, headers: { 'Retry-After': '1' } })
}

async function outcome(check: ReadinessCheck): Promise<'ok' | 'failed' | 'slow'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'slow'>((resolve) => {
    timer = setTimeout(() => resolve('slow'), CHECK_MS_MAX)
  })
  // A check may throw before it returns its promise, so it is called inside one.
  const answered = Promise.resolve()
    .then(check)
    .then(
      () => 'ok' as const,
      () => 'failed' as const,
    )
  try {
    return await Promise.race([answered, late])
  } finally {
    clearTimeout(timer)
  }
}
