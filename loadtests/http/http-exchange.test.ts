import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { type RunSpec, runScript } from '../engine/runner.ts'
import type { RunResult } from '../run-result.ts'

interface Seen {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
}

const seen: Seen[] = []
const connections = new Set<Socket>()
const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    connections.add(request.socket)
    const { method = '', url = '', headers } = request
    seen.push({ method, url, headers, body: Buffer.concat(parts) })
    if (url === '/cookie') response.setHeader('Set-Cookie', ['s=1; Path=/; HttpOnly; Max-Age=60', 't=2; Path=/cookie'])
    if (url === '/packed') response.setHeader('Content-Encoding', 'gzip').end(gzipSync('{"packed":true}'))
    else if (url === '/badly-packed') response.setHeader('Content-Encoding', 'gzip').end('not gzip')
    else if (url === '/to-other') response.writeHead(302, { Location: `http://other.test:${port}/there` }).end()
    else if (url === '/again') response.writeHead(307, { Location: '/there' }).end()
    else if (url === '/loop') response.writeHead(302, { Location: '/loop' }).end()
    else if (url?.startsWith('/status/')) response.writeHead(Number(url.slice(8))).end()
    else response.end('{"list":[{"id":1},{"id":2}]}')
  })
})

let folder: string
let port: number
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'musicbox-exchange-'))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  port = (server.address() as AddressInfo).port
})
after(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true })
})

describe('a request of a script', () => {
  it('carries cookies of the user’s jar, of its own jar and of its own', async () => {
    const { lines } = await run(`
      const { cookies } = await http.asyncRequest('GET', URL + '/cookie')
      print(JSON.stringify(cookies.s[0].httpOnly), cookies.t[0].path, cookies.s[0].maxAge)
      const jar = http.cookieJar()
      jar.set(URL, 'u', '3', { path: '/deep' })
      print(JSON.stringify(jar.cookiesForURL(URL + '/deep')), JSON.stringify(jar.cookiesForURL(URL + '/')))
      const deep = await http.asyncRequest('GET', URL + '/deep', null, { cookies: { s: { value: 'own', replace: true }, v: '4' } })
      print(JSON.stringify(deep.request.cookies.v), deep.request.headers['Cookie'][0])
      jar.delete(URL, 's')
      await http.asyncRequest('GET', URL + '/deep')
      jar.clear(URL)
      await http.asyncRequest('GET', URL + '/deep')
      const other = new http.CookieJar()
      other.set(URL, 'w', '5')
      await http.asyncRequest('GET', URL + '/', null, { jar: other })`)
    assert.deepEqual(lines.slice(0, 2), ['true /cookie 60', '{"u":["3"],"s":["1"]} {"s":["1"]}'])
    assert.equal(lines[2], '[{"name":"v","value":"4","replace":false}] s=own; v=4; u=3')
    assert.deepEqual(
      seen.slice(-4).map(({ headers }) => headers.cookie),
      ['s=own; v=4; u=3', 'u=3', undefined, 'w=5'],
    )
  })

  it('uploads files and compresses bodies', async () => {
    await run(`
      const bytes = new Uint8Array([0, 255, 13, 10]).buffer
      await http.asyncRequest('POST', URL + '/', { title: 't', file: http.file(bytes, 'a.bin', 'audio/x-test') })
      await http.asyncRequest('POST', URL + '/', 'text', { compression: 'gzip' })`)
    const [files, packed] = seen.slice(-2) as [Seen, Seen]
    const form = await new Response(new Uint8Array(files.body), {
      headers: { 'Content-Type': files.headers['content-type']! },
    }).formData()
    const file = form.get('file') as File
    assert.deepEqual([form.get('title'), file.name, file.type], ['t', 'a.bin', 'audio/x-test'])
    assert.deepEqual(new Uint8Array(await file.arrayBuffer()), Uint8Array.of(0, 255, 13, 10))
    assert.equal(packed.headers['content-encoding'], 'gzip')
    assert.equal(gunzipSync(packed.body).toString(), 'text')
  })

  it('gets the answer unpacked, and status 0 for one that cannot be', async () => {
    const { lines, result } = await run(`
      print((await http.asyncRequest('GET', URL + '/packed')).json('packed'))
      const bad = await http.asyncRequest('GET', URL + '/badly-packed')
      print(bad.status, bad.error_code, bad.body)`)
    assert.deepEqual(lines, ['true', '0 1701 null'])
    assert.equal(result.requests.failed, 1)
  })

  it('says who asks by the address, and tells nobody the password', async () => {
    const { lines } = await run(`
      const address = URL.replace('http://', 'http://me:secret@')
      const answer = await http.asyncRequest('GET', address + '/', null, { auth: 'basic' })
      print(answer.url, JSON.stringify(Object.keys(answer.request.headers)))`)
    assert.equal(seen.at(-1)!.headers.authorization, `Basic ${Buffer.from('me:secret').toString('base64')}`)
    assert.equal(lines[0]!.includes('secret'), false)
    assert.match(lines[0]!, /\*\*\*\*:\*\*\*\*@/)
  })

  it('keeps a confidence from the server that it is led to, and its body where the status says so', async () => {
    await run(
      `const params = { headers: { Authorization: 'Bearer x', 'X-Kept': '1', 'Content-Type': 'a/b' } }
      await http.asyncRequest('POST', 'http://music.test:' + __ENV.PORT + '/to-other', 'body', params)
      await http.asyncRequest('POST', 'http://music.test:' + __ENV.PORT + '/again', 'body', params)`,
      { hosts: { 'music.test': '127.0.0.1', 'other.test': '127.0.0.1' } },
    )
    const [first, other, second, again] = seen.slice(-4) as [Seen, Seen, Seen, Seen]
    assert.deepEqual([first.method, first.headers.authorization], ['POST', 'Bearer x'])
    assert.deepEqual([other.method, other.url, other.headers.host], ['GET', '/there', `other.test:${port}`])
    assert.deepEqual([other.headers.authorization, other.headers['content-type']], [undefined, undefined])
    assert.equal(other.headers['x-kept'], '1')
    assert.deepEqual([second.body.toString(), again.body.toString(), again.method], ['body', 'body', 'POST'])
    assert.equal(again.headers.authorization, 'Bearer x')
  })

  it('ends at the last answer when it is led in circles', async () => {
    const { lines, result } = await run(
      `const { status } = await http.asyncRequest('GET', URL + '/loop')
       const once = await http.asyncRequest('GET', URL + '/loop', null, { redirects: 0 })
       print(status, once.status)`,
      { maxRedirects: 3 },
    )
    assert.deepEqual([lines[0], result.requests.count], ['302 302', 5])
  })

  it('counts as failed what the script did not expect', async () => {
    const { result } = await run(`
      http.setResponseCallback(http.expectedStatuses(404, { min: 500, max: 599 }))
      for (const status of [200, 404, 503]) await http.asyncRequest('GET', URL + '/status/' + status)
      const responseCallback = http.expectedStatuses(200)
      await http.asyncRequest('GET', URL + '/status/404', null, { responseCallback })
      http.setResponseCallback(null)
      await http.asyncRequest('GET', URL + '/status/500')`)
    assert.deepEqual([result.requests.count, result.requests.failed], [5, 2])
  })

  it('selects from JSON, and lists what it gathers', async () => {
    const { lines } = await run(`
      const answer = await http.asyncRequest('GET', URL + '/')
      print(JSON.stringify(answer.json('list.#.id')), answer.json('list.#'), answer.json('none'))`)
    assert.deepEqual(lines, ['[1,2] 2 undefined'])
  })

  it('shows all of its answer when it is printed', async () => {
    const { lines } = await run(`print(JSON.stringify(await http.asyncRequest('POST', URL + '/x?a=1', 'body')))`)
    const { status_text, proto, headers, body, remote_port, request, timings } = JSON.parse(lines[0]!)
    assert.deepEqual([status_text, proto, remote_port], ['200 OK', 'HTTP/1.1', port])
    assert.equal(headers['Content-Length'], String(body.length))
    const { method, url, body: sent } = request
    assert.deepEqual([method, url, sent], ['POST', `http://127.0.0.1:${port}/x?a=1`, 'body'])
    assert.ok(timings.duration > 0)
  })

  it('keeps connections over iterations, for one iteration, or for one request, as the options say', async () => {
    const script = `for (let i = 0; i < 2; i++) await http.asyncRequest('GET', URL + '/')`
    const used = async (options: object): Promise<number> => {
      connections.clear()
      await run(script, { iterations: 3, ...options })
      return connections.size
    }
    assert.equal(await used({}), 1)
    assert.equal(await used({ noVUConnectionReuse: true }), 3)
    assert.equal(await used({ noConnectionReuse: true }), 6)
    assert.equal(seen.at(-1)!.headers.connection, 'close')
  })

  it('waits for its turn under rps, and the wait is in blocked', async () => {
    const { lines } = await run(
      `const began = exec.instance.currentTestRunDuration
      const asked = Array.from({ length: 5 }, () => http.asyncRequest('GET', URL + '/'))
      print(exec.instance.currentTestRunDuration - began)
      for (const { timings } of await Promise.all(asked)) print(timings.blocked)`,
      { rps: 50 },
    )
    const [asking, ...blocked] = lines.map(Number) as [number, ...number[]]
    assert.equal(blocked.length, 5)
    for (const [turn, waited] of blocked.entries()) {
      assert.ok(waited >= turn * 20 - asking, `the one of turn ${turn} waited ${waited} ms`)
    }
  })

  it('shares the turns of rps among all processes of a run', async () => {
    const options = { vus: 4, iterations: 24, rps: 20 }
    const { result } = await run(`await http.asyncRequest('GET', URL + '/')`, options, { workers: 2 })
    assert.equal(result.requests.count, 24)
    // The first of each process has its turn at once.
    assert.ok(result.seconds >= (24 - 2) / 20, `24 requests in ${result.seconds} s`)
  })

  it('is refused where the engine cannot do what it asks', async () => {
    for (const [params, expected] of [
      [`{ auth: 'digest' }`, /params\.auth is not supported .*got "digest"/],
      [`{ compression: 'lzma' }`, /params\.compression/],
      [`{ jar: {} }`, /params\.jar/],
      [`{ responseType: 'json' }`, /params\.responseType/],
      [`{ cookies: { a: 'b;c' } }`, /cookie without line breaks/],
      [`{ responseCallback: (response) => response.status === 200 }`, /http\.expectedStatuses/],
    ] as const) {
      const { lines } = await run(`await http.asyncRequest('POST', URL, 'body', ${params})`)
      assert.match(lines[0] ?? '', expected)
    }
  })
})

/** Runs `body` as the default function. @returns what it prints, and errors */
async function run(
  body: string,
  options: object = {},
  how: Pick<RunSpec, 'workers'> = {},
): Promise<{ result: RunResult; lines: string[] }> {
  const script = join(folder, `script-${seen.length}-${Math.random()}.ts`)
  await writeFile(
    script,
    `import exec from 'k6/execution'
    import http from 'k6/http'
    const URL = __ENV.URL
    const print = (...values) => console.log('printed:', ...values)
    export const options = ${JSON.stringify(options)}
    export default async function () { ${body} }`,
  )
  const lines: string[] = []
  const result = await runScript({
    ...how,
    script,
    env: { URL: `http://127.0.0.1:${port}`, PORT: String(port) },
    log(level, line) {
      if (level === 'error') lines.push(line)
      else if (line.startsWith('printed: ')) lines.push(line.slice(9))
    },
  })
  return { result, lines }
}
