/**
 * The way to HDFS as it may break: a proxy in front of the namenode, and one in front of each datanode that it names. A
 * test says what happens to which request; the services behind are real.
 */
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * `cut`: the server gets half of the body, or nothing of a request without one, and the line breaks on both sides. `forget`:
 * the server does it all, and the line breaks before the answer. `alter`: one bit of the body is another on arrival.
 */
export type Fault = 'cut' | 'forget' | 'alter'

export interface BrokenWay {
  /** Instead of the namenode's. */
  address: string
  close(): Promise<void>
}

/**
 * @param faultOf asked for each request by its operation, as `RENAME`; of the two requests of an upload only the second has
 *   a body, and only that one is asked for
 */
export async function openBrokenWay(namenode: string, faultOf: (op: string) => Fault | undefined): Promise<BrokenWay> {
  const proxies: http.Server[] = []
  const open = async (target: string): Promise<string> => {
    const proxy = http.createServer((request, response) => {
      void forward(target, request, response).catch(() => response.destroy())
    })
    proxies.push(proxy)
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  }
  const datanodes = new Map<string, Promise<string>>()
  const behindProxy = async (location: URL): Promise<string> => {
    if (!datanodes.has(location.origin)) datanodes.set(location.origin, open(location.origin))
    return location.href.replace(location.origin, await datanodes.get(location.origin)!)
  }

  async function forward(target: string, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    const url = new URL(request.url!, target)
    const asksForDatanode = url.searchParams.get('noredirect') === 'true'
    const fault = asksForDatanode ? undefined : faultOf(url.searchParams.get('op')!)
    if (fault === 'cut') {
      if (body.length > 0) await sendHalf(url, request.method!, body)
      response.destroy()
      return
    }
    if (fault === 'alter') body[body.length >> 1]! ^= 1
    const answer = await send(url, request.method!, body)
    let text = await bodyOf(answer)
    if (fault === 'forget') {
      response.destroy()
      return
    }
    if (asksForDatanode && answer.statusCode === 200) {
      const { Location } = JSON.parse(text.toString()) as { Location: string }
      text = Buffer.from(JSON.stringify({ Location: await behindProxy(new URL(Location)) }))
    }
    response.writeHead(answer.statusCode!, { 'content-length': text.length }).end(text)
  }

  return {
    address: await open(namenode),
    close: async () => {
      for (const proxy of proxies) {
        proxy.closeAllConnections()
        proxy.close()
        await once(proxy, 'close')
      }
    },
  }
}

/** Sends the beginning of a body whose length was announced as a whole, and breaks off. */
async function sendHalf(url: URL, method: string, body: Buffer): Promise<void> {
  const request = http.request(url, { method, agent: false, headers: { 'content-length': body.length } })
  request.on('error', () => {})
  // A datanode says so as soon as it is ready for the body.
  const ready = once(request, 'continue')
  request.flushHeaders()
  await ready
  await new Promise<void>((resolve) => request.write(body.subarray(0, body.length >> 1), () => resolve()))
  request.destroy()
}

async function send(url: URL, method: string, body: Buffer): Promise<http.IncomingMessage> {
  const request = http.request(url, { method, agent: false, headers: { 'content-length': body.length } })
  request.end(body)
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  return response
}

async function bodyOf(message: http.IncomingMessage): Promise<Buffer> {
  return Buffer.concat((await message.toArray()) as Buffer[])
}
