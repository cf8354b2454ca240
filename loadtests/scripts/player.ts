/** What a listener's player asks the server for, beside telling it of events. */
import { check } from 'k6'
import http from 'k6/http'
import { EVENT_API } from './settings.ts'

export interface Player {
  readonly uid: string
  /** Sent with each request; the token is among them once the server has given one. */
  readonly headers: Record<string, string>
}

export function newPlayer(uid: string): Player {
  return { uid, headers: { 'Content-Type': 'application/json' } }
}

export async function logIn(player: Player): Promise<void> {
  delete player.headers.Authorization
  const { headers, uid } = player
  const answer = await http.asyncRequest('POST', `${EVENT_API}/v1/login`, JSON.stringify({ uid }), { headers })
  check(answer, { 'login is answered': ({ status }) => status === 200 })
  if (answer.status === 200) headers.Authorization = `Bearer ${answer.json('token')}`
}

/** Results for a search, the song for a play; nothing for the other kinds. */
export async function lookUp(event: {
  event: string
  query?: string | undefined
  songid?: string | undefined
}): Promise<void> {
  if (event.event === 'search' && event.query) {
    const url = `${EVENT_API}/v1/search/songs?q=${encodeURIComponent(event.query)}`
    const answer = await http.asyncRequest('GET', url, null, { tags: { name: 'GET /v1/search/songs' } })
    check(answer, { 'search is answered': ({ status }) => status === 200 })
  } else if (event.event === 'play') {
    const url = `${EVENT_API}/v1/songs/${event.songid}`
    const answer = await http.asyncRequest('GET', url, null, { tags: { name: 'GET /v1/songs/:id' } })
    check(answer, { 'song is known': ({ status }) => status === 200 })
  }
}
