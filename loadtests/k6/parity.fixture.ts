/** Six requests by two users: a script for tests. */
import { check } from 'k6'
import http from 'k6/http'
import type { Options } from 'k6/options'

export const options: Options = { vus: 2, iterations: 6 }

export default async function ask(): Promise<void> {
  const answer = await http.asyncRequest('GET', `${__ENV.EVENT_API}/`)
  check(answer, { 'is answered': ({ status }) => status === 200 })
}
