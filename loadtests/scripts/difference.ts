/** Where an answer differs from the true one. */

/**
 * The first place at which `came` is not what `expected` says; undefined when there is none. Fields that `expected` does
 * not have are not looked at; lists must be of one length.
 * ```ts
 * difference({ rows: [{ plays: 3 }] }, { rows: [{ plays: 4, skips: 0 }] }) // 'rows.0.plays: expected 3, got 4'
 * ```
 */
export function difference(expected: unknown, came: unknown, at = ''): string | undefined {
  if (typeof expected !== 'object' || expected === null) {
    return expected === came ? undefined : `${at}: expected ${shown(expected)}, got ${shown(came)}`
  }
  if (Array.isArray(expected) && (!Array.isArray(came) || came.length !== expected.length)) {
    const length = Array.isArray(came) ? `${came.length} of them` : shown(came)
    return `${at}: expected ${expected.length} entries, got ${length}`
  }
  if (typeof came !== 'object' || came === null) return `${at}: expected ${shown(expected)}, got ${shown(came)}`
  for (const [name, value] of Object.entries(expected)) {
    const place = at === '' ? name : `${at}.${name}`
    const found = difference(value, (came as Record<string, unknown>)[name], place)
    if (found !== undefined) return found
  }
  return undefined
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
