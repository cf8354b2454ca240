/**
 * Results of `work` over items, in the order of the items, while the next ones are already being worked on.
 *
 * No work goes on once this ends, early or by an error: what was begun is awaited first, so that the stores it uses may
 * then be closed.
 * @param ahead how many items are worked on at once, at least 1
 */
export async function* workAhead<T, R>(
  items: Iterable<T>,
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const begun: Promise<R>[] = []
  try {
    for (const item of items) {
      const result = work(item)
      // It is awaited in its turn; until then its failure is not unhandled.
      result.catch(() => undefined)
      begun.push(result)
      if (begun.length >= ahead) yield await begun.shift()!
    }
    while (begun.length > 0) yield await begun.shift()!
  } finally {
    await Promise.allSettled(begun)
  }
}
