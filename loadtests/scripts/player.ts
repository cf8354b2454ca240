/** What a listener's player asks the server for, beside telling it of events. */
import { check } from 'k6'
import http from 'k6/http'
import { EVENT_API } from './settings.ts'

/** @returns the headers with the token that the server gave; as they were when it gave none */
export async function logIn(uid: string, headers: Record<string, string>): Promise<Record<string, string>> {
  const answer = await http.asyncRequest('POST', `${EVENT_API}/v1/login`, JSON.stringify({ uid }), { headers })
  check(answer, { 'login is answered': ({ status }) => status === 200 })
  return answer.status === 200 ? { ...headers, Authorization: `Bearer ${answer.json('token')}` } : headers
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
