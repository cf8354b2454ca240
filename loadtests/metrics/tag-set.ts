/**
 * Tags of samples, interned: equal sets are one object, so that what belongs to a set (its series, its text) is worked
 * out once and not for every sample.
 *
 * A set knows the sets that are one tag away, so adding a tag is two look-ups. Scripts that put ids into tags could make
 * sets without end; past {@link TAG_SETS_MAX} (where k6 warns, too) further sets work as before but are not kept.
 */
export const TAG_SETS_MAX = 100_000
/** For people who run such a script. */
export const TAG_SETS_FULL = `samples carry more than ${TAG_SETS_MAX} different sets of tags, which slows the run; give tags few values: an id belongs in exec.vu.metrics.metadata`

export class TagSets {
  readonly root: TagSet = new TagSet(this, [])
  readonly #known = new Map<string, TagSet>()
  readonly #onFull: (() => void) | undefined

  /** @param onFull told once, when no more sets are kept */
  constructor(onFull?: () => void) {
    this.#onFull = onFull
  }

  /** The set of these pairs, sorted by name; and whether it is kept. */
  intern(pairs: readonly Pair[]): { set: TagSet; kept: boolean } {
    const key = JSON.stringify(pairs)
    const known = this.#known.get(key)
    if (known) return { set: known, kept: true }
    const set = new TagSet(this, pairs)
    const kept = this.#known.size < TAG_SETS_MAX
    if (kept) {
      this.#known.set(key, set)
      if (this.#known.size === TAG_SETS_MAX) this.#onFull?.()
    }
    return { set, kept }
  }
}

type Pair = readonly [name: string, value: string]

export class TagSet {
  /** What the owner of a metric's sinks keeps for this set, by the metric's index; see Metrics. */
  readonly series: unknown[] = []
  readonly #sets: TagSets
  readonly #pairs: readonly Pair[]
  readonly #next = new Map<string, Map<string, TagSet>>()
  #tags: Readonly<Record<string, string>> | undefined

  constructor(sets: TagSets, pairs: readonly Pair[]) {
    this.#sets = sets
    this.#pairs = pairs
  }

  /** This set and one more tag, which takes the place of one of the same name. */
  with(name: string, value: string): TagSet {
    let byValue = this.#next.get(name)
    const next = byValue?.get(value)
    if (next) return next
    const pairs = this.#pairs.filter(([other]) => other !== name)
    const at = pairs.findIndex(([other]) => other > name)
    pairs.splice(at < 0 ? pairs.length : at, 0, [name, value])
    const { set, kept } = this.#sets.intern(pairs)
    if (!kept) return set
    if (!byValue) {
      byValue = new Map()
      this.#next.set(name, byValue)
    }
    byValue.set(value, set)
    return set
  }

  /** This set and these tags; their values are made text. */
  withAll(tags: Readonly<Record<string, unknown>> | undefined): TagSet {
    let set: TagSet = this
    for (const name in tags) set = set.with(name, String(tags[name]))
    return set
  }

  without(name: string): TagSet {
    if (this.get(name) === undefined) return this
    return this.#sets.intern(this.#pairs.filter(([other]) => other !== name)).set
  }

  get(name: string): string | undefined {
    return this.tags[name]
  }

  /** As a plain object, frozen; always the same one. */
  get tags(): Readonly<Record<string, string>> {
    this.#tags ??= Object.freeze(Object.fromEntries(this.#pairs))
    return this.#tags
  }
}
