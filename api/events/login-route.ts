/** `POST /v1/login`: who is listening. The harness has no passwords: a token proves which user a player speaks for. */
import { createRoute, z } from '@hono/zod-openapi'
import { idSchema } from '../../datasets/event.ts'
import { readUser } from '../../pipeline/lookup.ts'
import type { TableStore } from '../../pipeline/table-store.ts'
import type { Application } from '../http/application.ts'
import { readJson } from '../http/body.ts'
import type { ServerState } from '../http/guard.ts'
import type { HttpLimits } from '../http/limits.ts'
import { jsonAnswer, problemAnswers } from '../http/openapi.ts'
import { Problem } from '../http/problem.ts'
import { problemErrors } from '../http/schema-problem.ts'
import { issueToken, TOKEN_MS } from './token.ts'

/** The seed's guests have no profile. */
const GUEST = /^Guest_./

const bodySchema = z.strictObject({ uid: idSchema }).meta({ id: 'Login' })

/** Listed field by field: a profile also holds an address, a birth date and an e-mail, which no answer may. */
const answerSchema = z
  .strictObject({
    token: z.string().meta({ description: 'Send it as `Authorization: Bearer <token>`' }),
    expires_ms: z.int().meta({ description: 'ms UTC' }),
    user: z.strictObject({
      uid: z.string(),
      guest: z.boolean(),
      fname: z.string().optional(),
      lname: z.string().optional(),
      active: z.boolean().optional(),
    }),
  })
  .meta({ id: 'LoginAnswer' })

const route = createRoute({
  method: 'post',
  path: '/v1/login',
  tags: ['events'],
  summary: 'Gives a token to a known user, or to a guest (`Guest_…`)',
  request: { body: { required: true, content: { 'application/json': { schema: bodySchema } } } },
  responses: {
    200: jsonAnswer('The token and its user', answerSchema),
    ...problemAnswers(
      'invalid-json',
      'invalid-request',
      'not-found',
      'too-large',
      'unsupported-media-type',
      'unavailable',
    ),
  },
})

export interface LoginOptions {
  tables: TableStore
  clock: () => number
  secret: Uint8Array
  state: ServerState
  limits: HttpLimits
}

export function loginRoute(app: Application, { tables, clock, secret, state, limits }: LoginOptions): void {
  app.openAPIRegistry.registerPath(route)
  app.post(route.path, async (c) => {
    const body = await readJson(c, { state, limits })
    const parsed = bodySchema.safeParse(body)
    if (!parsed.success) {
      const errors = problemErrors(parsed.error.issues, body)
      throw new Problem('invalid-request', errors[0]!.detail, { members: { errors } })
    }
    const { uid } = parsed.data
    const user = await tables.snapshot((view) => readUser(view, uid))
    const guest = user === undefined && GUEST.test(uid)
    if (user === undefined && !guest) {
      throw new Problem('not-found', 'Expected the uid of a known user, or Guest_…, got another.')
    }
    const expires_ms = clock() + TOKEN_MS
    const profile = user && { fname: user.fname, lname: user.lname, active: user.active }
    const answer: z.infer<typeof answerSchema> = {
      token: issueToken({ uid, expires_ms }, secret),
      expires_ms,
      user: { uid, guest, ...profile },
    }
    c.header('Cache-Control', 'no-store')
    return c.json(answer, 200)
  })
}
