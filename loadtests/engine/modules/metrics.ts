/** The module `k6/metrics`: a script's own metrics. */
import { MusicboxError } from '../../../datasets/failure.ts'
import type { Metric } from '../../metrics/metric.ts'
import type { MetricType } from '../../metrics/sink.ts'
import type { Vu } from '../vu.ts'

export function metricsModule(vu: Vu): Record<string, unknown> {
  return {
    Counter: metricClass(vu, 'counter'),
    Gauge: metricClass(vu, 'gauge'),
    Rate: metricClass(vu, 'rate'),
    Trend: metricClass(vu, 'trend'),
  }
}

function metricClass(vu: Vu, type: MetricType): unknown {
  return class {
    readonly name: string
    readonly #metric: Metric

    constructor(name: string, isTime = false) {
      vu.require('init', `new ${type[0]!.toUpperCase()}${type.slice(1)}("${name}")`)
      this.name = name
      this.#metric = vu.run.metrics.custom(name, type, isTime ? 'time' : 'default')
    }

    add(value: number | boolean, tags?: Readonly<Record<string, unknown>>): boolean {
      vu.require('vu', `${this.name}.add()`)
      const number = value === null ? Number.NaN : Number(value)
      if (Number.isNaN(number) || (type === 'counter' && number < 0)) {
        const expected = type === 'counter' ? 'a number of 0 or more' : 'a number'
        const problem = `expected ${this.name}.add() to get ${expected}, got ${String(value)}`
        if (vu.run.options.throw) throw new MusicboxError('script.failed', problem)
        vu.run.log('warn', problem)
        return false
      }
      vu.emit(this.#metric, number, vu.tagSet(tags))
      return true
    }
  }
}
