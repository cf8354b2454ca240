/**
 * How a run goes on, in one line: on a terminal it is drawn over itself once a second, elsewhere a line is printed every
 * five seconds, and with `--quiet` none. What the script says comes between, whole.
 */
import type { Host } from '../../datasets/host.ts'

/** Off a terminal, a line at most this often. */
const LINE_EVERY_MS = 5000
const BAR_CHARS = 20
/** Back to the start of the line, and clear it. */
const ANEW = '\r\u001b[K'

export class LoadProgress implements Disposable {
  readonly #host: Host
  readonly #quiet: boolean
  #drawn = ''
  #last_ms = Number.NEGATIVE_INFINITY

  constructor(host: Host) {
    this.#host = host
    this.#quiet = host.args.includes('--quiet')
  }

  /** @param total_ms how long the run is planned to be; it may end sooner or later */
  show(elapsed_ms: number, total_ms: number, figures: string): void {
    if (this.#quiet) return
    const seconds = `${Math.floor(elapsed_ms / 1000)} of ${Math.round(total_ms / 1000)} s`
    if (this.#host.isTerminal) {
      this.#drawn = `load  ${bar(elapsed_ms / total_ms)}  ${seconds}  ${figures}`
      this.#host.stderr.write(ANEW + this.#drawn)
    } else if (elapsed_ms - this.#last_ms >= LINE_EVERY_MS || this.#last_ms < 0) {
      this.#last_ms = elapsed_ms
      this.#host.stderr.write(`load: ${seconds}  ${figures}\n`)
    }
  }

  /** Says before the run what will be done. */
  plan(lines: readonly string[]): void {
    if (!this.#quiet) for (const line of lines) this.say(`scenario    ${line}`)
  }

  /** Prints a line of the log. */
  say(line: string): void {
    this.#host.stderr.write(this.#drawn === '' ? `${line}\n` : `${ANEW}${line}\n${this.#drawn}`)
  }

  [Symbol.dispose](): void {
    if (this.#drawn !== '') this.#host.stderr.write(ANEW)
    this.#drawn = ''
  }
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_CHARS)
  return '█'.repeat(full) + '░'.repeat(BAR_CHARS - full)
}
