/** How a metric, or the part of it with certain tags, is named: `http_req_duration{name:search}`. */
import { MusicboxError } from '../../datasets/failure.ts'
import type { Tags } from './metric.ts'

/** The two parts of `metric{tag:value,tag:"value"}`. @throws MusicboxError `input.invalid` */
export function parseMetricExpression(expression: string): { base: string; tags: Tags | undefined } {
  const parts = /^([^{}\s]+)(?:\{(.*)\})?$/.exec(expression.trim())
  if (!parts) throw new MusicboxError('input.invalid', `expected metric or metric{tag:value}, got "${expression}"`)
  const [, base, inner] = parts
  if (inner === undefined) return { base: base!, tags: undefined }
  const tags: Record<string, string> = {}
  for (const pair of inner.match(/(?:[^,"']|"[^"]*"|'[^']*')+/g) ?? []) {
    const colon = pair.indexOf(':')
    if (colon <= 0) {
      throw new MusicboxError('input.invalid', `expected tag:value in "${expression}", got "${pair.trim()}"`)
    }
    tags[unquoted(pair.slice(0, colon))] = unquoted(pair.slice(colon + 1))
  }
  return { base: base!, tags }
}

function unquoted(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, '$2')
}
