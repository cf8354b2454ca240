import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer as createPlainServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { createServer, getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import { runScript } from '../engine/runner.ts'
import { readAddress } from './address.ts'
import type { Dialing } from './dial.ts'
import { type HttpAnswer, HttpClient } from './http-client.ts'
import { requestHead } from './request-head.ts'

const folder = mkdtempSync(join(tmpdir(), 'musicbox-tls-'))
const cleanups: (() => void)[] = [() => rmSync(folder, { recursive: true })]
after(() => {
  for (const clean of cleanups) clean()
})

const trusted = certificate('music.test')
const stranger = certificate('music.test')
setDefaultCACertificates([...getCACertificates('default'), trusted.cert])

describe('the HTTP client over TLS', () => {
  it('verifies the certificate against the name, tells it to the server, and times the handshake apart', async () => {
    const names: (string | false | null)[] = []
    const port = await secureServer(trusted, (socket) => names.push(socket.servername, socket.alpnProtocol))
    const { head, body, timings, tls, error } = await get(port)
    assert.equal(error, undefined)
    assert.equal(head?.status, 200)
    assert.equal(body.toString(), 'hello')
    assert.deepEqual(names, ['music.test', 'http/1.1'])
    assert.match(tls!.version, /^tls1\.[23]$/)
    assert.match(tls!.cipher_suite, /^TLS_/)
    assert.ok(timings.tls_handshaking > 0)
    const dialled = timings.looking_up + timings.connecting + timings.tls_handshaking
    assert.ok(timings.blocked >= dialled, `blocked ${timings.blocked} holds ${dialled}`)
    assert.ok(Math.abs(timings.duration - timings.sending - timings.waiting - timings.receiving) < 1e-9)
  })

  it('keeps the connection, with no second handshake', async () => {
    let handshakes = 0
    const port = await secureServer(trusted, () => handshakes++)
    const client = newClient()
    await get(port, {}, client)
    assert.equal((await get(port, {}, client)).timings.tls_handshaking, 0)
    assert.equal(handshakes, 1)
  })

  it('resumes no session: each connection is a whole handshake', async () => {
    const reused: boolean[] = []
    const port = await secureServer(trusted, (socket) => reused.push(socket.isSessionReused()))
    const client = newClient(false)
    for (let i = 0; i < 3; i++) assert.equal((await get(port, {}, client)).head?.status, 200)
    assert.deepEqual(reused, [false, false, false])
  })

  it('names a certificate of an unknown issuer 1310, unless told to take any', async () => {
    const port = await secureServer(stranger)
    const refused = await get(port)
    assert.equal(refused.error?.code, 1310)
    assert.equal(refused.head, undefined)
    assert.equal(refused.timings.duration, 0)
    assert.ok(refused.timings.blocked > 0)
    assert.equal((await get(port, { insecureSkipTLSVerify: true })).head?.status, 200)
  })

  it('names a certificate for another host 1311', async () => {
    const port = await secureServer(trusted)
    assert.equal((await get(port, {}, newClient(), 'other.test')).error?.code, 1311)
  })

  it('names what is no TLS 1300', async () => {
    const server = createPlainServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad\r\n\r\n'))
    cleanups.push(() => server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    assert.equal((await get((server.address() as AddressInfo).port)).error?.code, 1300)
  })

  it('serves a script: names by the option hosts, tags of the TLS version, and numbers for what is refused', async () => {
    const [known, unknown] = [await secureServer(trusted), await secureServer(stranger)]
    const script = join(folder, 'script.ts')
    const requests = `
      import http from 'k6/http'
      export default async function () {
        const { status, tls_version, proto } = await http.asyncRequest('GET', 'https://music.test:${known}/')
        const refused = await http.asyncRequest('GET', 'https://music.test:${unknown}/')
        console.log('printed:', status, tls_version === http.TLS_1_3, proto, refused.status, refused.error_code)
      }`
    await writeFile(script, requests)
    const run = async (options: object) => {
      const lines: string[] = []
      const thresholds = { 'http_reqs{tls_version:tls1.3}': ['count==1'], 'http_reqs{error_code:1310}': ['count==1'] }
      const given = { hosts: { 'music.test': '127.0.0.1' }, thresholds, ...options }
      const { exitCode } = await runScript({ script, options: given, log: (_, line) => void lines.push(line) })
      return { exitCode, printed: lines.filter((line) => line.startsWith('printed:')) }
    }
    assert.deepEqual(await run({}), { exitCode: 0, printed: ['printed: 200 true HTTP/1.1 0 1310'] })
    const any = await run({
      insecureSkipTLSVerify: true,
      thresholds: { 'http_reqs{tls_version:tls1.3}': ['count==2'] },
    })
    assert.deepEqual(any, { exitCode: 0, printed: ['printed: 200 true HTTP/1.1 200 0'] })
  })

  it('reads a body of many records whole', async () => {
    const large = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251))
    const port = await secureServer(trusted, () => {}, large)
    assert.deepEqual((await get(port)).body, large)
  })
})

function get(
  port: number,
  dialing: Partial<Dialing> = {},
  client = newClient(),
  name = 'music.test',
): Promise<HttpAnswer> {
  const address = readAddress(`https://${name}:${port}/`)!
  return client.send({
    method: 'GET',
    origin: address.origin,
    body: undefined,
    timeout_ms: 5000,
    dialing: { hosts: { [name]: '127.0.0.1' }, insecureSkipTLSVerify: false, ...dialing },
    ...requestHead({ method: 'GET', address }),
  })
}

function newClient(keepAlive = true): HttpClient {
  const client = new HttpClient({ keepAlive })
  cleanups.push(() => client.destroy())
  return client
}

interface Certificate {
  key: Buffer
  cert: string
}

/** One that its own key signed. */
function certificate(name: string): Certificate {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  const subject = ['-subj', `/CN=${name}/O=${Math.random()}`, '-addext', `subjectAltName=DNS:${name}`]
  const out = ['-days', '2', '-nodes', '-keyout', key, '-out', cert]
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, ...out], { stdio: 'ignore' })
  return { key: readFileSync(key), cert: readFileSync(cert, 'utf8') }
}

/** Answers every request with `body`. @returns its port */
async function secureServer(
  own: Certificate,
  onHandshake: (socket: TLSSocket) => void = () => {},
  body = Buffer.from('hello'),
): Promise<number> {
  const sockets = new Set<TLSSocket>()
  const server = createServer({ ...own, ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
    sockets.add(socket)
    onHandshake(socket)
    socket.on('error', () => {})
    socket.on('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`)
      socket.write(body)
    })
  })
  server.on('tlsClientError', () => {})
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}
