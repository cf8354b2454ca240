/** Tags that a script sets one by one, as properties of an object, which knows when it has changed. */
export class TagBag {
  /** For the script: what is assigned to it stays until it is changed or deleted. */
  readonly tags: Record<string, unknown>
  readonly #onChange: () => void
  #snapshot: Readonly<Record<string, string>> | undefined
  #empty = true

  constructor(onChange: () => void) {
    this.#onChange = onChange
    const changed = (): true => {
      this.#snapshot = undefined
      this.#onChange()
      return true
    }
    this.tags = new Proxy<Record<string, unknown>>(
      {},
      {
        set: (target, name, value) => Reflect.set(target, name, value) && changed(),
        deleteProperty: (target, name) => Reflect.deleteProperty(target, name) && changed(),
        defineProperty: (target, name, property) => Reflect.defineProperty(target, name, property) && changed(),
      },
    )
  }

  /** All of them as text now; nothing when there are none. The same object until they change. */
  snapshot(): Readonly<Record<string, string>> | undefined {
    if (this.#snapshot === undefined) {
      this.#snapshot = Object.freeze(
        Object.fromEntries(Object.entries(this.tags).map(([name, value]) => [name, String(value)])),
      )
      this.#empty = Object.keys(this.#snapshot).length === 0
    }
    return this.#empty ? undefined : this.#snapshot
  }
}
