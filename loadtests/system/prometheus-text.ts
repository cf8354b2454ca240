/**
 * Reads Prometheus' text format, as `/metrics` serves it
 * (https://prometheus.io/docs/instrumenting/exposition_formats/): samples only; comments are for people and for types,
 * which the reader of a known series knows.
 */
import type { Tags } from '../metrics/metric.ts'

export interface ScrapedSample {
  name: string
  labels: Tags
  value: number
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*(?:\{(.*)\})?[ \t]*(\S+)(?:[ \t]+-?\d+)?[ \t]*$/s
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(?:,|$)/sy

/** Lines that are no samples are passed over: one odd series must not hide the others. */
export function parsePrometheusText(text: string): ScrapedSample[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const parts = LINE.exec(line)
    if (!parts) return []
    const labels = parseLabels(parts[2] ?? '')
    const value = parseValue(parts[3]!)
    return labels && value !== undefined ? [{ name: parts[1]!, labels, value }] : []
  })
}

/** Nothing when the text is malformed. */
function parseLabels(text: string): Tags | undefined {
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const parts = LABEL.exec(text)
    if (!parts) return undefined
    labels[parts[1]!] = parts[2]!.replace(/\\(.)/gs, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
  }
  return labels
}

function parseValue(text: string): number | undefined {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text)
  if (special) {
    if (special[2]!.toLowerCase() === 'nan') return Number.NaN
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
  const value = Number(text)
  return Number.isNaN(value) ? undefined : value
}
