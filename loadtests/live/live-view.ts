/** A run in a browser while it goes on: the report's pictures growing, and its controls. On this machine only. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { MusicboxError } from '../../datasets/failure.ts'
import type { Mark, TimelineBucket } from '../metrics/timeline.ts'
import { browserBundle } from '../report/browser-bundle.ts'
import { pageText } from '../report/page.ts'
import type { RunResult } from '../run-result.ts'
import { Feed } from './feed.ts'
import { livePage } from './live-page.ts'
import { refuse } from './refusal.ts'
import { sameOrigin } from './same-origin.ts'

/** What the buttons do. Each may throw a MusicboxError, whose sentence the page shows. */
export interface LiveControl {
  pause(): void
  resume(): void
  /** @param count of virtual users; of all scenarios together without a name */
  scale(count: number, scenario?: string): void
  stop(): void
}

export interface LiveViewOptions {
  /** 0 takes any free port. */
  port: number
  run: { script: string; label: string }
  control: LiveControl
}

export interface LiveView {
  url: string
  push(bucket: TimelineBucket): void
  /** Called again with `until_s`, for the same moment, kind and text, it completes the mark. */
  mark(mark: Mark): void
  done(result: Pick<RunResult, 'exitCode' | 'problem' | 'generator'>): void
  /** Ends all readers, who keep what they have, and frees the port. Calling it again does nothing. */
  close(): Promise<void>
}

/** @throws MusicboxError `backend.unreachable` when the port cannot be had */
export async function openLiveView({ port, run, control }: LiveViewOptions): Promise<LiveView> {
  const feed = new Feed()
  const bundle = await browserBundle('live/browser/live.ts')
  const page = pageText({ title: `${run.label} – ${run.script}`, bundle, body: livePage(run) })
  const server = createAdaptorServer({
    fetch: liveApp(page, feed, control, () => (server.address() as AddressInfo).port).fetch,
  }) as Server
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch (cause) {
    throw new MusicboxError(
      'backend.unreachable',
      `expected to show the run on port ${port}, got ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`,
      'Another program may have the port: give another one, or 0 for any free port.',
      { cause },
    )
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    push: (bucket) => feed.tell({ event: 'bucket', data: bucket }),
    mark: (mark) => feed.tell({ event: 'mark', data: mark }),
    done: ({ exitCode, problem, generator: { verdict, reasons } }) =>
      feed.tell({ event: 'done', data: { exitCode, ...(problem !== undefined && { problem }), verdict, reasons } }),
    async close() {
      feed.end()
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      // Readers get a moment for what was told last; then nobody keeps the process.
      const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS)
      server.closeIdleConnections()
      await closed
      clearTimeout(timer)
    },
  }
}

const CLOSE_MS = 500

const order = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('pause') }),
  z.strictObject({ action: z.literal('resume') }),
  z.strictObject({ action: z.literal('stop') }),
  z.strictObject({
    action: z.literal('scale'),
    count: z.int().min(0).max(100_000),
    scenario: z.string().max(200).optional(),
  }),
])

function liveApp(page: string, feed: Feed, control: LiveControl, port: () => number): Hono {
  const app = new Hono()
  app.use(sameOrigin(port))
  app.use(async (c, next) => {
    await next()
    c.header('cache-control', 'no-store')
    c.header('x-content-type-options', 'nosniff')
    c.header('content-security-policy', "frame-ancestors 'none'")
  })
  app.get('/', (c) => c.html(page))
  app.get('/feed', (c) => {
    // A browser that lost the connection says what it had last.
    const last = Number(c.req.header('last-event-id'))
    return streamSSE(c, async (stream) => {
      const gone = new AbortController()
      stream.onAbort(() => gone.abort())
      for await (const { id, event, data } of feed.after(Number.isSafeInteger(last) ? last : 0, gone.signal)) {
        await stream.writeSSE({ id: String(id), event, data: JSON.stringify(data) })
      }
    })
  })
  app.post('/control', async (c) => {
    const parsed = order.safeParse(await c.req.json().catch(() => undefined))
    if (!parsed.success) return refuse(c, 400, `Expected an order of this page: ${z.prettifyError(parsed.error)}`)
    try {
      obey(parsed.data, control)
    } catch (error) {
      if (error instanceof MusicboxError) return refuse(c, 409, `${error.message} ${error.hint}`.trim())
      throw error
    }
    const { action } = parsed.data
    if (action === 'pause' || action === 'resume') feed.tell({ event: 'paused', data: action === 'pause' })
    return c.json({ done: action })
  })
  return app
}

function obey(given: z.infer<typeof order>, control: LiveControl): void {
  if (given.action === 'scale') control.scale(given.count, given.scenario)
  else control[given.action]()
}
