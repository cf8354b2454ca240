/** Listeners that have been asked for before: pure functions of (world, index), kept since a user's days come one after another. */
import { type Listener, listenerAt } from './listener.ts'
import type { World } from './world.ts'

const LISTENERS_MAX = 50_000
const listeners = new WeakMap<World, Map<number, Listener>>()

/** Pass the same world object each time, not a copy. */
export function knownListener(world: World, index: number): Listener {
  let ofWorld = listeners.get(world)
  if (ofWorld === undefined || ofWorld.size >= LISTENERS_MAX) {
    ofWorld = new Map()
    listeners.set(world, ofWorld)
  }
  const known = ofWorld.get(index)
  if (known !== undefined) return known
  const listener = listenerAt(world, index)
  ofWorld.set(index, listener)
  return listener
}
