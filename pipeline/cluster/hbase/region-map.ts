/** What is known of where the rows of one table are: regions that do not overlap, by their first key. */

export interface Region {
  /** As the server knows it: `table,first key,number.hash.` */
  name: Buffer
  /** First key; empty for a table's first region. */
  start: Buffer
  /** Key after the last one; empty for a table's last region. */
  end: Buffer
  /** `host:port` of the server that has it. */
  server: string
  /** Number that the master gave it, needed to split it. */
  id: { toString(): string }
}

export class RegionMap {
  #regions: Region[] = []

  /** The region that holds `key`, if it is known. */
  holding(key: Buffer): Region | undefined {
    const region = this.#regions[this.#countTo((start) => Buffer.compare(start, key) <= 0) - 1]
    return region && (region.end.length === 0 || Buffer.compare(key, region.end) < 0) ? region : undefined
  }

  /** The region that holds the keys just before `key`, if it is known. */
  before(key: Buffer): Region | undefined {
    const region = this.#regions[this.#countTo((start) => Buffer.compare(start, key) < 0) - 1]
    return region && (region.end.length === 0 || Buffer.compare(key, region.end) <= 0) ? region : undefined
  }

  /** Adds a region; what overlaps it is from before a split or a merge, and goes. */
  add(region: Region): void {
    const endsBefore = (a: Region, b: Region): boolean => a.end.length > 0 && Buffer.compare(a.end, b.start) <= 0
    this.#regions = this.#regions.filter((known) => endsBefore(known, region) || endsBefore(region, known))
    this.#regions.push(region)
    this.#regions.sort((a, b) => Buffer.compare(a.start, b.start))
  }

  forget(region: Region): void {
    this.#regions = this.#regions.filter((known) => known !== region)
  }

  forgetServer(server: string): void {
    this.#regions = this.#regions.filter((known) => known.server !== server)
  }

  /** How many regions, from the first on, `holds` is true of. */
  #countTo(holds: (start: Buffer) => boolean): number {
    let low = 0
    let high = this.#regions.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (holds(this.#regions[middle]!.start)) low = middle + 1
      else high = middle
    }
    return low
  }
}
