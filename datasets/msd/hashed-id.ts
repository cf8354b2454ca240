/** Ids for what the Million Song Dataset names but does not number, in the form that its ids have. */
import { hash } from 'node:crypto'
import type { IdKind } from '../catalogue-id.ts'

/**
 * Kind, five letters, eleven hex digits, all from a SHA-256 of the text: the same text always has the same id, and the odds
 * that any two of a million texts share one are below 1 in 10^8.
 */
export function hashedId(kind: IdKind, text: string): string {
  const digest = hash('sha256', text, 'buffer')
  let letters = ''
  for (let at = 0, rest = digest.readUInt32LE(0); at < 5; at++, rest = Math.floor(rest / 26)) {
    letters += String.fromCharCode(65 + (rest % 26))
  }
  return kind + letters + digest.toString('hex', 4, 10).slice(0, 11).toUpperCase()
}
