/** The real event server in a process of its own, as `musicbox serve events` starts it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type StoreChoice, storeArguments } from '../../datasets/command.ts'
import { MusicboxError } from '../../datasets/failure.ts'

export interface EventServer {
  url: string
  stop(): Promise<void>
}

/** What starts a server on given stores; a test puts a faulty one in its place. */
export type ServeEvents = (stores: StoreChoice) => Promise<EventServer>

/** @param program path of the command line's file */
export function eventServerOf(program: string): ServeEvents {
  return async (stores) => {
    const ports = ['--event-port', '0', '--event-metrics-port', '0']
    // Its standard input is its life line: it ends by itself when this process does.
    const child = spawn(
      process.execPath,
      [program, 'serve', 'events', ...storeArguments(stores), ...ports, '--supervised'],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    )
    let errors = ''
    child.stderr.on('data', (chunk) => (errors = `${errors}${chunk}`.slice(-2000)))
    const exited = once(child, 'exit')
    const ready = once(createInterface(child.stdout), 'line') as Promise<[string]>
    const line = await Promise.race([ready, exited.then(() => undefined)])
    if (line === undefined) {
      throw new MusicboxError('backend.unreachable', `the event server ended before it was ready: ${errors}`)
    }
    return {
      url: (JSON.parse(line[0]) as { url: string }).url,
      async stop() {
        if (child.exitCode === null && child.signalCode === null) {
          // What it has answered is durable, so it need not drain.
          child.kill('SIGKILL')
          await exited
        }
      },
    }
  }
}
