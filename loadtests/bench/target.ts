/**
 * The benchmark's target, a process of its own: answers every POST with the same small JSON as fast as one thread can, so
 * that what is compared is the generators. Not for use as a server: it reads of HTTP what framing needs and no more.
 *
 * Its parent asks for counts and makes it slow over IPC, and is its life line: when the parent goes, it goes.
 */
import { createServer, type Socket } from 'node:net'

export interface TargetMessage {
  /** Hold each answer for so long during the next `for_ms`. */
  slow?: { delay_ms: number; for_ms: number }
  /** Answer with the count. */
  count?: true
}

const BODY = '{"state":"accepted","offset":1234567890,"duplicates":0,"n":1}'
const ANSWER = Buffer.from(
  `HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  'latin1',
)
const HEAD_END = '\r\n\r\n'

let count = 0
let slow = { until_ms: 0, delay_ms: 0 }

function onConnection(socket: Socket): void {
  socket.setNoDelay(true)
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1')
    let answers = 0
    for (let end = endOfRequest(received); end > 0; end = endOfRequest(received)) {
      received = received.slice(end)
      answers++
    }
    count += answers
    if (answers === 0) return
    const bytes = answers === 1 ? ANSWER : Buffer.concat(new Array<Buffer>(answers).fill(ANSWER))
    if (performance.now() < slow.until_ms) setTimeout(() => socket.writable && socket.write(bytes), slow.delay_ms)
    else socket.write(bytes)
  })
  socket.on('error', () => socket.destroy())
}

/** Index after the first whole request, 0 when it has not all come. */
function endOfRequest(text: string): number {
  const head = text.indexOf(HEAD_END)
  if (head < 0) return 0
  const length = /content-length: *(\d+)/i.exec(text.slice(0, head))
  const end = head + HEAD_END.length + Number(length?.[1] ?? 0)
  return text.length >= end ? end : 0
}

process.on('message', (message: TargetMessage) => {
  if (message.slow) slow = { delay_ms: message.slow.delay_ms, until_ms: performance.now() + message.slow.for_ms }
  if (message.count) process.send?.({ count })
})
process.on('disconnect', () => process.exit(0))

const server = createServer(onConnection)
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  process.send?.({ port: (server.address() as { port: number }).port })
})
