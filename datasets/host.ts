/**
 * The world that a command runs in. A command takes it as a parameter and reads nothing else of the process, so that a
 * test runs the real command in-process, with its own clock and its own streams.
 */
import cliProgress, { type GenericFormatter } from 'cli-progress'

// A CommonJS package whose names Node does not see: they hang on its default export.
const { Format, SingleBar } = cliProgress

/** Where text goes; what commands need of a stream. */
export interface TextSink {
  write(text: string): unknown
}

export interface Host {
  /** What the user typed after the program's name. */
  args: readonly string[]
  /** Results, and nothing but results: what a shell pipes on. */
  stdout: TextSink
  /** Progress, hints and failures. */
  stderr: TextSink
  env: Readonly<Record<string, string | undefined>>
  /** Aborts when the user wants the work to stop. */
  signal: AbortSignal
  /** Whether a person watches {@link stderr}: bars there, plain lines elsewhere. */
  isTerminal: boolean
  /** Milliseconds since 1970 UTC. */
  now: () => number
}

/** Prints a result as one JSON object on one line. 64-bit integers become decimal text, which no reader rounds. */
export function printJson(host: Host, value: unknown): void {
  const text = JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? each.toString() : each))
  host.stdout.write(`${text}\n`)
}

export interface Progress extends Disposable {
  advance(count: number): void
  /** Sets how much is done and, where it was not known before, out of how much. */
  set(count: number, total?: number): void
  /** Ends the display. Calling it again does nothing; a `using` declaration calls it when the work throws. */
  done(): void
}

/** Off a terminal, a line at most this often: enough to see that the work goes on, few enough to read. */
const LINE_EVERY_MS = 5000

/**
 * Shows long work on standard error: a bar on a terminal, a line every five seconds elsewhere, nothing with `--quiet`.
 * Work that ends before its first line prints none: its result says enough.
 * ```ts
 * using bar = progress(host, { label: 'aggregate', total: days.length, unit: 'days' })
 * for (const day of days) { await build(day); bar.advance(1) }
 * ```
 */
export function progress(host: Host, work: { label: string; total?: number; unit: string }): Progress {
  let count = 0
  let { total } = work
  const display = host.args.includes('--quiet')
    ? SILENT
    : host.isTerminal
      ? barDisplay(host, work)
      : lineDisplay(host, work)
  let ended = false
  const set: Progress['set'] = (newCount, newTotal = total) => {
    count = newCount
    total = newTotal
    if (!ended) display.show(count, total)
  }
  const done = (): void => {
    if (!ended) display.end(count)
    ended = true
  }
  return { set, advance: (more) => set(count + more), done, [Symbol.dispose]: done }
}

/** Resolves when the user wants the work to stop; at once when that is so already. */
export function untilStopped(host: Host): Promise<void> {
  return new Promise((resolve) => {
    if (host.signal.aborted) resolve()
    else host.signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 })
}

/** Three digits of precision below a second, then `12.3 s`, `4 min 05 s`, `2 h 03 min`. */
export function formatDuration(duration_ms: number): string {
  if (!Number.isFinite(duration_ms)) return '–'
  if (duration_ms < 0) return `-${formatDuration(-duration_ms)}`
  // Each bound is where rounding would reach the next unit, so that no "1000 ms" or "60.0 s" is printed.
  if (duration_ms < 999.5) return `${Number(duration_ms.toPrecision(3))} ms`
  if (duration_ms < 59_950) return `${(duration_ms / 1000).toFixed(1)} s`
  const seconds = Math.round(duration_ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`
  const minutes = Math.round(seconds / 60)
  return `${formatCount(Math.floor(minutes / 60))} h ${twoDigits(minutes % 60)} min`
}

interface Display {
  show(count: number, total: number | undefined): void
  end(count: number): void
}

const SILENT: Display = { show: () => {}, end: () => {} }

function lineDisplay(host: Host, { label, unit }: { label: string; unit: string }): Display {
  const start_ms = host.now()
  let last_ms = start_ms
  return {
    show(count, total) {
      const now_ms = host.now()
      if (now_ms - last_ms < LINE_EVERY_MS) return
      last_ms = now_ms
      host.stderr.write(`${label}: ${amount(count, total, unit)}\n`)
    },
    end(count) {
      if (last_ms === start_ms) return
      host.stderr.write(`${label}: ${formatCount(count)} ${unit} in ${formatDuration(host.now() - start_ms)}\n`)
    },
  }
}

function barDisplay(host: Host, { label, unit }: { label: string; unit: string }): Display {
  let known: number | undefined
  const format: GenericFormatter = (options, { progress: share, value, eta }) => {
    if (known === undefined) return `${label}  ${amount(value, known, unit)}`
    const left = value < known && Number.isFinite(eta) ? `, ${formatDuration(eta * 1000)} left` : ''
    return `${label}  ${Format.BarFormat(share, options)}  ${amount(value, known, unit)}${left}`
  }
  const bar = new IdleBar({
    // The library's type asks for a whole stream; it uses no more of one than `write`, `isTTY` and `columns`.
    stream: host.stderr as NodeJS.WritableStream,
    format,
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    // Wrapping stays on: switched off, it would stay off in the user's shell after a crash.
    linewrap: true,
  })
  let started = false
  return {
    show(count, total) {
      known = total
      if (!started) bar.start(total ?? 0, count)
      started = true
      bar.setTotal(total ?? 0)
      bar.update(count)
    },
    end(count) {
      if (!started) return
      bar.update(count)
      bar.stop()
    },
  }
}

/** A bar whose redraw timer keeps no process alive: work that throws would else never end its program. */
class IdleBar extends SingleBar {
  declare timer: NodeJS.Timeout | null

  override render(): void {
    super.render()
    this.timer?.unref()
  }
}

function amount(count: number, total: number | undefined, unit: string): string {
  if (total === undefined) return `${formatCount(count)} ${unit}`
  const percent = total > 0 ? Math.floor((count / total) * 100) : 100
  return `${formatCount(count)} of ${formatCount(total)} ${unit} (${percent} %)`
}

function twoDigits(count: number): string {
  return String(count).padStart(2, '0')
}
