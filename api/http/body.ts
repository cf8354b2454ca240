/**
 * Reads a request's body within the limits. Hono's own readers know no limit for a body sent in chunks, and its limiter
 * copies the request; this one counts as the bytes come and stops at the first one too many.
 */
import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { Context } from 'hono'
import { bodyTooLarge, type HttpEnv, type ServerState } from './guard.ts'
import type { HttpLimits } from './limits.ts'
import { Problem } from './problem.ts'

export interface BodyOptions {
  state: ServerState
  limits: HttpLimits
  /** Media types that are taken, in lower case. */
  types: readonly string[]
}

/**
 * The body as text, without a byte-order mark.
 * @throws Problem `unsupported-media-type`, `too-large`, or `invalid-json` when it is not UTF-8
 */
export async function readText(c: Context<HttpEnv>, { state, limits, types }: BodyOptions): Promise<string> {
  checkType(c, types)
  const incoming = c.env?.incoming
  let held_bytes = 0
  const hold = (bytes: number): void => {
    held_bytes += bytes
    state.in_flight_bytes += bytes
    if (held_bytes > limits.body_bytes_max) throw bodyTooLarge(limits, 'more')
  }
  try {
    const bytes = incoming ? await fromNode(incoming, hold) : await fromWeb(c.req.raw, hold)
    if (!isUtf8(bytes)) throw new Problem('invalid-json', 'Expected the body to be UTF-8, got bytes that are not.')
    const text = bytes.toString('utf8')
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  } finally {
    state.in_flight_bytes -= held_bytes
  }
}

/** The body as one JSON value. @throws Problem as {@link readText}, and `invalid-json` */
export async function readJson(c: Context<HttpEnv>, options: Omit<BodyOptions, 'types'>): Promise<unknown> {
  return parseJson(await readText(c, { ...options, types: ['application/json'] }))
}

/** @throws Problem `invalid-json` */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Problem('invalid-json', `Expected the body to be JSON: ${jsonComplaint(error)}.`)
  }
}

/** What the parser says, without the piece of the body that it repeats. */
function jsonComplaint(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const at = /at position (\d+)/.exec(message)
  if (at) return `got something else at character ${at[1]}`
  return /end of JSON input/i.test(message) ? 'got its beginning only' : 'got something else'
}

function checkType(c: Context<HttpEnv>, types: readonly string[]): void {
  const header = c.req.header('content-type')
  // The common case first: it is looked at once for every event.
  if (header === undefined || !types.includes(header)) {
    const [type, ...parameters] = (header ?? '').toLowerCase().split(';')
    const charset = parameters
      .map((parameter) => parameter.trim())
      .find((parameter) => parameter.startsWith('charset='))
    const wrongCharset = charset !== undefined && !/^charset="?utf-8"?$/.test(charset)
    if (!types.includes(type!.trim()) || wrongCharset) {
      const came = header === undefined ? 'no Content-Type' : `"${header.slice(0, 100)}"`
      throw new Problem('unsupported-media-type', `Expected Content-Type ${types.join(' or ')} in UTF-8, got ${came}.`)
    }
  }
  const encoding = c.req.header('content-encoding')
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Problem(
      'unsupported-media-type',
      `Expected a body that is not compressed, got "${encoding.slice(0, 50)}".`,
    )
  }
}

function fromNode(incoming: IncomingMessage, hold: (bytes: number) => void): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  const stop = (): void => {
    incoming.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone)
  }
  const onData = (chunk: Buffer): void => {
    try {
      hold(chunk.length)
      chunks.push(chunk)
    } catch (error) {
      stop()
      reject(error)
    }
  }
  const onEnd = (): void => {
    stop()
    resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
  }
  const onGone = (): void => {
    stop()
    reject(new Problem('invalid-request', 'Expected the whole body; the connection ended before it.'))
  }
  incoming.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone)
  return promise
}

async function fromWeb(request: Request, hold: (bytes: number) => void): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  if (request.body) {
    for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
      hold(chunk.byteLength)
      chunks.push(chunk)
    }
  }
  return Buffer.concat(chunks)
}
