/**
 * What a listener holds after login: who it is and until when, signed by the server. Nothing is kept on the server, so a
 * restart with the same secret leaves everybody logged in.
 *
 * Form: base64url(JSON) "." base64url(HMAC-SHA-256 of the first part). There is one algorithm and no header that could
 * name another.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

export interface TokenClaims {
  uid: string
  /** ms UTC */
  expires_ms: number
}

/** A day of listening. */
export const TOKEN_MS = 24 * 3_600_000

const TOKEN_CHARS_MAX = 2_000

export function issueToken(claims: TokenClaims, secret: Uint8Array): string {
  const payload = Buffer.from(JSON.stringify({ uid: claims.uid, exp: claims.expires_ms })).toString('base64url')
  return `${payload}.${sign(payload, secret).toString('base64url')}`
}

/** The claims of a token that this secret signed and that has not expired; undefined for any other text. */
export function readToken(token: string, secret: Uint8Array, now_ms: number): TokenClaims | undefined {
  if (token.length > TOKEN_CHARS_MAX) return undefined
  const dot = token.indexOf('.')
  if (dot < 1) return undefined
  const payload = token.slice(0, dot)
  const expected = sign(payload, secret)
  const came = Buffer.from(token.slice(dot + 1), 'base64url')
  if (came.length !== expected.length || !timingSafeEqual(came, expected)) return undefined
  // Signed by us, so it has our form.
  const { uid, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { uid: string; exp: number }
  return exp > now_ms ? { uid, expires_ms: exp } : undefined
}

function sign(payload: string, secret: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(payload).digest()
}
