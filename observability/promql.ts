/** Names in PromQL: taken from the catalogue when a query is written, and read back from a query when it is checked. */
import { parser } from '@prometheus-io/lezer-promql'
import { exportedName, type METRICS, type MetricName } from './metrics.ts'

type Histograms = { [N in MetricName]: (typeof METRICS)[N]['type'] extends 'histogram' ? N : never }[MetricName]

/** A series' name, so that no query can name one that the catalogue lacks; of a histogram, one of its three. */
export function metric(name: Exclude<MetricName, Histograms>): string
export function metric(name: Histograms, part: 'bucket' | 'count' | 'sum'): string
export function metric(name: MetricName, part?: string): string {
  return part === undefined ? exportedName(name) : `${exportedName(name)}_${part}`
}

/** What a query is made of, as far as our rules ask. */
export interface QueryParts {
  /** Places that are no PromQL, as they stand in the query; empty when it parses. */
  errors: string[]
  /** Every series named, once, ascending. */
  metrics: string[]
  /** Every range, `5m` in `x[5m]`, with the function around it (empty when there is none) and the series' name. */
  ranges: { metric: string; range: string; within: string }[]
  /** Series read as they are: not in a range. */
  instants: string[]
}

/** Takes a query apart. Grafana's variables must have been replaced; see {@link substituted}. */
export function queryParts(query: string): QueryParts {
  const tree = parser.parse(query)
  const parts: QueryParts = { errors: [], metrics: [], ranges: [], instants: [] }
  const names = new Set<string>()
  const text = (node: { from: number; to: number }): string => query.slice(node.from, node.to)
  tree.iterate({
    enter(ref) {
      const { node } = ref
      if (node.type.isError) parts.errors.push(query.slice(Math.max(0, node.from - 12), node.to + 12))
      if (node.name !== 'VectorSelector') return
      const identifier = node.getChild('Identifier')
      const name = identifier ? text(identifier) : ''
      names.add(name)
      const matrix = node.parent?.name === 'MatrixSelector' ? node.parent : undefined
      if (!matrix) {
        parts.instants.push(name)
        return
      }
      const range = /\[([^\]]*)\]$/.exec(text(matrix))?.[1] ?? ''
      let above = matrix.parent
      while (above && above.name !== 'FunctionCall') above = above.parent
      const called = above?.getChild('FunctionIdentifier')
      parts.ranges.push({ metric: name, range, within: called ? text(called) : '' })
    },
  })
  parts.metrics = [...names].sort()
  return parts
}

/** Grafana's variables, and what stands for them when a query leaves Grafana. */
export type Variables = Readonly<Record<string, string>>

/** A query with its variables (`$name`, `${name}`) replaced. @throws RangeError for a variable that is not given */
export function substituted(query: string, variables: Variables): string {
  return query.replace(/\$(?:\{(\w+)(?::\w+)?\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
    const value = variables[braced ?? bare ?? '']
    if (value === undefined) throw new RangeError(`expected a value for ${whole} in ${query}`)
    return value
  })
}
