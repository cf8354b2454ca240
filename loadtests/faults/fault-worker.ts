/** The near end of {@link file://./fault-process.ts}: starts it, asks it, and makes up for it should it die. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { MusicboxError } from '../../datasets/failure.ts'
import type { FaultDone, FaultOrder, FaultReply, FaultRequest } from './fault-order.ts'

interface Asked {
  resolve(done: FaultDone): void
  reject(error: unknown): void
}

export class FaultProcess {
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #asked = new Map<number, Asked>()
  /** Pids of paused parts by their fault: should the other process die, they are continued from here. */
  readonly #paused = new Map<number, number>()
  #count = 0
  #gone = false
  #stopping = false
  #lost: string | undefined

  static async start(): Promise<FaultProcess> {
    const program = fileURLToPath(new URL('./fault-process.ts', import.meta.url))
    // A group of its own: Ctrl-C goes to the run, which ends its faults in order.
    const child = fork(program, [], { execArgv: [], detached: true, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    await once(child, 'spawn')
    return new FaultProcess(child)
  }

  constructor(child: ChildProcess) {
    this.#child = child
    this.#exited = once(child, 'exit')
    child.on('message', (reply: FaultReply) => this.#settle(reply))
    child.on('error', () => {})
    child.once('exit', (code, signal) => this.#onExit(signal ?? code))
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** Why it ended although nobody had asked it to. */
  get lost(): string | undefined {
    return this.#lost
  }

  async ask(order: FaultOrder): Promise<FaultDone> {
    if (this.#gone) throw ended('before it was asked')
    const id = this.#count++
    const done = await new Promise<FaultDone>((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
      this.#child.send({ id, ...order } satisfies FaultRequest, (error) => error && this.#reject(id, error))
    })
    if (order.do === 'begin' && order.effect.action === 'pause') this.#paused.set(order.fault, done.pid!)
    if (order.do === 'end') this.#paused.delete(order.fault)
    return done
  }

  /** Lets go of its life line: it ends every fault, and itself. */
  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#child.connected) this.#child.disconnect()
    await this.#exited
    this.#paused.clear()
  }

  #settle(reply: FaultReply): void {
    const asked = this.#asked.get(reply.id)
    this.#asked.delete(reply.id)
    if ('done' in reply) asked?.resolve(reply.done)
    else {
      const { code, message, hint } = reply.failed
      asked?.reject(code === undefined ? new Error(message) : new MusicboxError(code, message, hint))
    }
  }

  #reject(id: number, error: unknown): void {
    this.#asked.get(id)?.reject(error)
    this.#asked.delete(id)
  }

  #onExit(why: string | number | null): void {
    this.#gone = true
    if (!this.#stopping) this.#lost = `the process that does the faults ended (${why})`
    for (const id of [...this.#asked.keys()]) this.#reject(id, ended(String(why)))
    for (const pid of this.#paused.values()) {
      try {
        // A process that runs is not disturbed by it.
        process.kill(pid, 'SIGCONT')
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}

function ended(why: string): MusicboxError {
  return new MusicboxError(
    'backend.unreachable',
    `expected the process that does the faults to run, but it ended (${why})`,
    'run the load again; its standard error says why it ended',
  )
}
