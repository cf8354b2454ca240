/** A run of the collector or of the night job in a process of its own: started, held at a step, stopped, killed. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { StageNews, StageOrder, StageOutcome } from './stage-order.ts'

const PROGRAM = fileURLToPath(new URL('./stage-process.ts', import.meta.url))

export class Stage {
  /** How the run ends. */
  readonly outcome: Promise<StageOutcome>
  readonly #child: ChildProcess
  readonly #held = Promise.withResolvers<boolean>()
  #news: StageOutcome | undefined
  #errors = ''

  constructor(order: StageOrder) {
    this.#child = fork(PROGRAM, [], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.#child.stderr!.on('data', (chunk) => (this.#errors = `${this.#errors}${chunk}`.slice(-2000)))
    this.#child.on('message', (news: StageNews) => {
      if (news.state === 'held') this.#held.resolve(true)
      else this.#news = news
    })
    // The process may be killed before it has read a word.
    this.#child.on('error', () => {})
    this.outcome = once(this.#child, 'close').then(([, signal]) => this.#end(signal))
    this.#child.send(order, () => {})
  }

  /** Resolves once it waits at the step of its order; with false when it has ended without coming by. */
  held(): Promise<boolean> {
    return this.#held.promise
  }

  goOn(): void {
    this.#child.send('go on', () => {})
  }

  pause(): void {
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  async kill(): Promise<StageOutcome> {
    this.#child.kill('SIGKILL')
    return await this.outcome
  }

  #end(signal: NodeJS.Signals | null): StageOutcome {
    this.#held.resolve(false)
    if (this.#news !== undefined) return this.#news
    if (signal === 'SIGKILL') return { state: 'killed' }
    // A stage that neither says how it ended nor was killed has a fault in its program.
    throw new Error(`a stage's process ended without a word: ${this.#errors}`)
  }
}
