/**
 * What this tab remembers over a reload, and forgets when it is closed: another tab is another listener. A browser may
 * refuse the storage or have no room; the page then works as well, only without memory.
 */
export function remember(key: string, value: unknown): void {
  try {
    if (value === undefined) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, JSON.stringify(value))
  } catch {
    // Nothing depends on it but the next reload.
  }
}

/** `otherwise` when there is nothing, or nothing that can be read. */
export function recall<T>(key: string, otherwise: T): T {
  try {
    const text = sessionStorage.getItem(key)
    return text === null ? otherwise : (JSON.parse(text) as T)
  } catch {
    return otherwise
  }
}
