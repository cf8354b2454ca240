/**
 * How many requests the embedded engine makes of one second of processor time: with its bare client, and with all that
 * a script asks for (checks, tags, metrics, the bookkeeping of iterations). The target is a process of its own, so that
 * its work is not counted; it answers from a constant.
 *
 * `npm run -s bench -- http-client`.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runScript } from '../engine/runner.ts'
import { readAddress } from '../http/address.ts'
import { HttpClient, type HttpRequest } from '../http/http-client.ts'
import { requestHead } from '../http/request-head.ts'

export interface ClientRate {
  /** Requests in a second of the generator's processor time. */
  client_requests_per_cpu_s: number
  run_requests_per_cpu_s: number
  run_requests_per_s: number
  run_requests: number
}

const CONNECTIONS = 100
const EVENT = JSON.stringify({
  eid: '0'.repeat(32),
  ts: 1_700_000_000_000,
  uid: 'U000001',
  event: 'play',
  songid: 'S1',
})
const ANSWER = '{"results":[{"state":"accepted"}]}'

/** One request an iteration, as in the examples of load-testing tools: nothing to hide the engine's own work behind. */
const SCRIPT = `
  import http from 'k6/http'
  import { check } from 'k6'
  const params = { headers: { 'Content-Type': 'application/json' }, tags: { name: 'events' }, timeout: '10s' }
  export default async function () {
    const answer = await http.asyncRequest('POST', __ENV.URL, __ENV.EVENT, params)
    check(answer, {
      'status is 200': ({ status }) => status === 200,
      'event was accepted': (response) => response.json('results.0.state') === 'accepted',
    })
  }`

export async function clientRate({ seconds }: { seconds: number }): Promise<ClientRate> {
  const target = await startTarget()
  const folder = await mkdtemp(join(tmpdir(), 'musicbox-client-rate-'))
  try {
    const script = join(folder, 'script.ts')
    await writeFile(script, SCRIPT)
    const client = await clientAlone(target.port, seconds)
    const run = (options: object): Promise<Measured> =>
      measured(async () => {
        const env = { URL: `http://127.0.0.1:${target.port}/events`, EVENT }
        const result = await runScript({ script, env, options })
        return { count: result.requests.count, seconds: result.seconds }
      })
    // What it costs to start an engine at all is taken off.
    const start = await run({ vus: CONNECTIONS, iterations: CONNECTIONS })
    const whole = await run({ vus: CONNECTIONS, duration: `${seconds}s` })
    return {
      client_requests_per_cpu_s: client.count / client.cpu_s,
      run_requests_per_cpu_s: (whole.count - start.count) / (whole.cpu_s - start.cpu_s),
      run_requests_per_s: whole.count / whole.seconds,
      run_requests: whole.count,
    }
  } finally {
    target.stop()
    await rm(folder, { recursive: true })
  }
}

interface Measured {
  count: number
  seconds: number
  cpu_s: number
}

async function measured(work: () => Promise<{ count: number; seconds: number }>): Promise<Measured> {
  const before = process.cpuUsage()
  const done = await work()
  const { user, system } = process.cpuUsage(before)
  return { ...done, cpu_s: (user + system) / 1e6 }
}

function clientAlone(port: number, seconds: number): Promise<Measured> {
  const address = readAddress(`http://127.0.0.1:${port}/events`)!
  const headers = { 'Content-Type': 'application/json' }
  const method = 'POST'
  const { head, sent_bytes } = requestHead({ method, address, headers, body: EVENT, userAgent: 'musicbox' })
  const request: HttpRequest = { method, origin: address.origin, head, body: EVENT, sent_bytes, timeout_ms: 10_000 }
  return measured(async () => {
    const started = performance.now()
    const ends = started + seconds * 1000
    let count = 0
    const loop = async (): Promise<void> => {
      const client = new HttpClient()
      while (performance.now() < ends) {
        const { error } = await client.send(request)
        if (error) throw error
        count++
      }
      client.destroy()
    }
    await Promise.all(Array.from({ length: CONNECTIONS }, loop))
    return { count, seconds: (performance.now() - started) / 1000 }
  })
}

async function startTarget(): Promise<{ port: number; stop: () => void }> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'target'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const port = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the target ended with code ${code}`)))
    child.stdout.once('data', (line) => resolve(Number(line)))
  })
  return { port, stop: () => void child.kill() }
}

/** Answers each request, which is taken to come whole, and ends with the process that started it. */
function serveTarget(): void {
  const answer = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: ${new Date().toUTCString()}\r\nContent-Length: ${ANSWER.length}\r\n\r\n${ANSWER}`
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.write(answer))
  }).listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as { port: number }).port}\n`))
  process.stdin.on('end', () => process.exit()).resume()
}

if (import.meta.main && process.argv[2] === 'target') serveTarget()
