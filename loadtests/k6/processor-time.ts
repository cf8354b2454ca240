/** Processor time of another process, read from Linux's /proc once a second; elsewhere nothing is known and 0 is said. */
import { readFileSync } from 'node:fs'

const EVERY_MS = 1000
/** Clock ticks in a second, as the kernel tells programs (USER_HZ): 100 on every platform that Node runs on. */
const TICKS_PER_S = 100

export class ProcessorTime {
  readonly #started = performance.now()
  readonly #timer: NodeJS.Timeout
  readonly #pid: number | undefined
  #cpu_s = 0
  #seen_ms = 0

  constructor(pid: number | undefined) {
    this.#pid = pid
    this.#timer = setInterval(() => this.#read(), EVERY_MS).unref()
  }

  /** @returns cores used on average from the start to the last reading, 0 when it was never read */
  stop(): number {
    clearInterval(this.#timer)
    return this.#seen_ms === 0 ? 0 : (this.#cpu_s * 1000) / this.#seen_ms
  }

  #read(): void {
    if (this.#pid === undefined) return
    try {
      this.#cpu_s = processorSeconds(readFileSync(`/proc/${this.#pid}/stat`, 'latin1'))
      this.#seen_ms = performance.now() - this.#started
    } catch {
      // The process has ended, or this is no Linux.
      clearInterval(this.#timer)
    }
  }
}

/** utime + stime of a line of /proc/PID/stat (proc_pid_stat(5)); the name in brackets may hold anything. */
export function processorSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S
}
