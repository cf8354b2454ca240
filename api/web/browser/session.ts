/** Who is listening. Signing in gets a token; a reload keeps it, leaving ends it. */
import { request } from './json-api.ts'
import { randomHex } from './random-hex.ts'
import { recall, remember } from './tab-memory.ts'

export interface Session {
  uid: string
  /** For the header: first and last name where the server knows them, else the id. */
  name: string
  /** Sent with each event: the visit it belongs to. */
  session: string
}

const SESSION_KEY = 'musicbox.session'
const TOKENS_KEY = 'musicbox.tokens'

/** By user. */
let tokens: Readonly<Record<string, string>> = recall(TOKENS_KEY, {})

interface LoginAnswer {
  token: string
  user?: { fname?: string; lname?: string }
}

/** Starts a visit. @throws ApiProblem when there is no such listener, ApiUnreachable */
export async function signIn(uid: string): Promise<Session> {
  const user = await renewToken(uid)
  const name = [user?.fname, user?.lname].filter((part) => part !== undefined && part !== '').join(' ')
  const session = { uid, name: name === '' ? uid : name, session: randomHex(16) }
  keepSession(session)
  return session
}

/** Gets a new token for somebody. @throws as {@link signIn} */
export async function renewToken(uid: string): Promise<LoginAnswer['user']> {
  const { token, user } = await request<LoginAnswer>('/v1/login', { method: 'POST', body: { uid } })
  tokens = { ...tokens, [uid]: token }
  remember(TOKENS_KEY, tokens)
  return user
}

/** The token that speaks for a user. It outlives the visit, for events that are still on their way after it. */
export function tokenOf(uid: string): string | undefined {
  return Object.hasOwn(tokens, uid) ? tokens[uid] : undefined
}

/** The visit that a reload interrupted. */
export function keptSession(): Session | undefined {
  return recall<Session | undefined>(SESSION_KEY, undefined)
}

/** Undefined when the visit is over. */
export function keepSession(session: Session | undefined): void {
  remember(SESSION_KEY, session)
}

/** A guest's id: the seed's `Guest_` and eight random hex digits. */
export function guestId(): string {
  return `Guest_${randomHex(8)}`
}
