/** wrk: one thread in C, no checks and no metrics but latency. What a generator can reach at best. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BODY, CONNECTIONS } from '../request.ts'
import type { Peer } from './peer.ts'

export const wrk: Peer = {
  package: 'wrk',
  program: 'wrk',
  async command({ port, seconds, folder }) {
    const script = join(folder, 'post.lua')
    const lines = [
      'wrk.method = "POST"',
      `wrk.body = [[${BODY}]]`,
      'wrk.headers["Content-Type"] = "application/json"',
      '',
    ]
    await writeFile(script, lines.join('\n'))
    const url = `http://127.0.0.1:${port}/v1/events`
    return { args: ['-t', '1', '-c', String(CONNECTIONS), '-d', `${seconds}s`, '-s', script, url] }
  },
}
