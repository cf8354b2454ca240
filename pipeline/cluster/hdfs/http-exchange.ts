/**
 * One HTTP exchange with a namenode or datanode: the request with its whole body, the answer with its whole body.
 *
 * Over node:http and not `fetch`: a datanode says "100 Continue" unasked, at which `fetch` gives up although the file is
 * then written.
 */
import http from 'node:http'

export interface Request {
  method: 'GET' | 'PUT' | 'DELETE'
  url: URL
  body?: Uint8Array
  agent: http.Agent
  /** The longest silence: while the connection is made, and after that between any two signs of progress. */
  timeout_ms: number
}

export interface Answer {
  status: number
  body: Buffer
}

/** @throws Error with the network's `code` when no whole answer came */
export function exchange({ method, url, body, agent, timeout_ms }: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...(method !== 'GET' && { 'content-length': body?.length ?? 0 }),
      ...(body && { 'content-type': 'application/octet-stream' }),
    }
    // `timeout` and not `setTimeout()`, which begins to count when the connection stands.
    const request = http.request(url, { method, agent, headers, timeout: timeout_ms }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      // Node makes an error of an answer that ends before its length.
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode!, body: Buffer.concat(chunks) }))
    })
    request.on('timeout', () => {
      request.destroy(Object.assign(new Error(`no sign of life in ${timeout_ms} ms`), { code: 'ETIMEDOUT' }))
    })
    request.on('error', reject)
    request.end(body)
  })
}
