/** The module `k6/data`: one read-only list for all users. */
import { MusicboxError } from '../../../datasets/failure.ts'
import type { Vu } from '../vu.ts'

export function dataModule(vu: Vu): Record<string, unknown> {
  return {
    SharedArray: class {
      constructor(name: string, make: () => unknown) {
        vu.require('init', 'new SharedArray()')
        let list = vu.run.shared.get(name)
        if (!list) {
          const made = make()
          if (!Array.isArray(made)) {
            throw new MusicboxError('script.failed', `expected SharedArray "${name}" to be made from a list`)
          }
          // As k6 does: what JSON cannot say is not shared, and nobody changes it.
          list = deepFrozen(JSON.parse(JSON.stringify(made))) as readonly unknown[]
          vu.run.shared.set(name, list)
        }
        // biome-ignore lint/correctness/noConstructorReturn: k6's SharedArray is used as the list itself.
        return list as object
      }
    },
  }
}

function deepFrozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) deepFrozen(part)
  return Object.freeze(value)
}
