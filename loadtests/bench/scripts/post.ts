/** As many requests as the generator can send, one after another for each user: with checks, tags, a metric of its own and thresholds. */
import { check } from 'k6'
import http from 'k6/http'
import { Trend } from 'k6/metrics'
import type { Options } from 'k6/options'

export const options: Options = {
  scenarios: {
    post: { executor: 'constant-vus', vus: Number(__ENV.VUS), duration: `${__ENV.DURATION_MS}ms`, gracefulStop: '1s' },
  },
  thresholds: { checks: ['rate>0.99'], http_req_failed: ['rate<0.01'], http_req_duration: ['p(99)<10000'] },
}

const responseTime = new Trend('response_time', true)
const params = { headers: { 'Content-Type': 'application/json' }, tags: { name: 'POST /v1/events', kind: 'play' } }

export default async function listener(): Promise<void> {
  const answer = await http.asyncRequest('POST', `${__ENV.URL}`, __ENV.BODY, params)
  responseTime.add(answer.timings.duration)
  check(answer, { 'event is stored': ({ status }) => status === 202 })
}
