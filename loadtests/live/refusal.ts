/** An answer that says why not (RFC 9457). */
import type { Context } from 'hono'

const TITLES = { 400: 'Bad Request', 403: 'Forbidden', 409: 'Conflict', 415: 'Unsupported Media Type' } as const

export function refuse(c: Context, status: keyof typeof TITLES, detail: string): Response {
  return c.body(JSON.stringify({ title: TITLES[status], status, detail }), status, {
    'content-type': 'application/problem+json',
  })
}
