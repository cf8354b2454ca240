/** What a metric adds its samples up to, by its type. Sinks of parts merge into that of the whole. */
import { TrendSink } from './trend-sink.ts'

export { TrendSink }

export type MetricType = 'counter' | 'gauge' | 'rate' | 'trend'

export class CounterSink {
  readonly type = 'counter'
  total = 0
  add(value: number): void {
    this.total += value
  }
  merge(other: CounterSink): void {
    this.total += other.total
  }
  take(): CounterSink {
    const taken = new CounterSink()
    taken.total = this.total
    this.total = 0
    return taken
  }
}

export class GaugeSink {
  readonly type = 'gauge'
  value = 0
  min = Number.POSITIVE_INFINITY
  max = Number.NEGATIVE_INFINITY
  add(value: number): void {
    this.value = value
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
  }
  /** @param other later than this one */
  merge(other: GaugeSink): void {
    if (other.min > other.max) return
    this.value = other.value
    this.min = Math.min(this.min, other.min)
    this.max = Math.max(this.max, other.max)
  }
  take(): GaugeSink {
    const taken = new GaugeSink()
    taken.merge(this)
    this.min = Number.POSITIVE_INFINITY
    this.max = Number.NEGATIVE_INFINITY
    return taken
  }
}

export class RateSink {
  readonly type = 'rate'
  total = 0
  /** How many were not zero. */
  trues = 0
  add(value: number): void {
    this.total++
    if (value !== 0) this.trues++
  }
  merge(other: RateSink): void {
    this.total += other.total
    this.trues += other.trues
  }
  take(): RateSink {
    const taken = new RateSink()
    taken.merge(this)
    this.total = 0
    this.trues = 0
    return taken
  }
  get rate(): number {
    return this.total === 0 ? 0 : this.trues / this.total
  }
}

export type Sink = CounterSink | GaugeSink | RateSink | TrendSink

/** An empty one. */
export function newSink(type: MetricType): Sink {
  if (type === 'counter') return new CounterSink()
  if (type === 'gauge') return new GaugeSink()
  return type === 'rate' ? new RateSink() : new TrendSink()
}
