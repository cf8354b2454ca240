/** Requests to the server that the page came from, and what can go wrong with one. */

/** The server answered with a problem (RFC 9457): `message` is the sentence for the person. */
export class ApiProblem extends Error {
  readonly status: number
  /** From `Retry-After`, when the server asks for patience. */
  readonly retryAfter_ms: number | undefined
  /** The whole problem document, for members of its own kind; undefined when there was none. */
  readonly document: unknown

  constructor(status: number, document: unknown, retryAfter_ms?: number) {
    super(problemText(document, status))
    this.name = 'ApiProblem'
    this.status = status
    this.document = document
    this.retryAfter_ms = retryAfter_ms
  }
}

/** No answer came, or none that can be read: the request may or may not have taken effect. */
export class ApiUnreachable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ApiUnreachable'
  }
}

export interface RequestOptions {
  method?: 'GET' | 'POST'
  body?: unknown
  /** From `POST /v1/login`. */
  token?: string | undefined
  signal?: AbortSignal
  timeout_ms?: number
}

/**
 * Sends JSON and reads JSON.
 * @throws ApiProblem when the server refuses, ApiUnreachable when there is no readable answer in time, and the signal's
 *   own reason when the caller gave up
 */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const timeout = AbortSignal.timeout(options.timeout_ms ?? 10_000)
  const headers: Record<string, string> = { accept: 'application/json, application/problem+json' }
  if (options.body !== undefined) headers['content-type'] = 'application/json'
  if (options.token !== undefined) headers['authorization'] = `Bearer ${options.token}`
  let response: Response
  let text: string
  try {
    response = await fetch(path, {
      method: options.method ?? 'GET',
      headers,
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
      signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
    })
    text = await response.text()
  } catch (cause) {
    if (options.signal?.aborted) throw options.signal.reason
    const why = timeout.aborted ? 'did not answer in time' : 'cannot be reached'
    throw new ApiUnreachable(`The server ${why}.`, { cause })
  }
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (cause) {
    if (response.ok) throw new ApiUnreachable('The server’s answer is not JSON.', { cause })
  }
  if (!response.ok) throw new ApiProblem(response.status, body, retryAfter(response))
  return body as T
}

/** The sentence of a problem document, of a per-event problem, or of anything else that says what is wrong. */
export function problemText(problem: unknown, status?: number): string {
  if (typeof problem === 'string' && problem !== '') return problem
  if (problem !== null && typeof problem === 'object') {
    const { detail, message, title } = problem as Record<string, unknown>
    for (const text of [detail, message, title]) if (typeof text === 'string' && text !== '') return text
  }
  return status === undefined ? 'No reason was given.' : `The server answered ${status} without saying why.`
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined
}
