/**
 * The benchmark's other process: `events FOLDER` is the event server on a new log, `bare` a handler that parses and
 * answers. Prints where it listens; ends when its standard input does.
 */
import { once } from 'node:events'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { openBackend } from '../pipeline/backend.ts'
import { lookupRows } from '../pipeline/lookup.ts'
import { benchSongs } from './bench-catalogue.ts'
import { startEventServer } from './events/server.ts'

const [kind, folder] = process.argv.slice(2)

if (kind === 'bare') {
  const app = new Hono()
  app.post('/v1/events', async (c) => {
    const { eid } = await c.req.json()
    return c.json({ accepted: 1, duplicates: 0, refused: 0, results: [{ index: 0, state: 'accepted', eid }] }, 202)
  })
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
    console.log(`http://127.0.0.1:${port}`),
  )
  await stdinEnd()
  server.close()
} else {
  const backend = openBackend({ data: folder! })
  const tables = await backend.tables()
  await tables.put(lookupRows({ songs: benchSongs(), artists: [], users: [] }))
  const server = await startEventServer({ log: await backend.log(), tables, port: 0, notice_ms: 0 })
  console.log(server.url)
  await stdinEnd()
  await server.close()
  await backend.close()
}

async function stdinEnd(): Promise<void> {
  const end = once(process.stdin, 'end')
  process.stdin.resume()
  await end
}
