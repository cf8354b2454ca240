/** Songs and users by index, looked up once for many rows. */
import { songAt } from '../../datasets/catalogue.ts'
import type { Song, User } from '../../datasets/music.ts'
import { userAt } from '../kernel/user.ts'
import { catalogueOf, type World } from '../kernel/world.ts'

/** More than are met in an hour of a large world; a shelf that is full is emptied, for the popular come back at once. */
const SHELF_MAX = 50_000

export function songShelf(world: World): (index: number) => Song {
  const catalogue = catalogueOf(world)
  return shelf((index) => songAt(catalogue, index))
}

export function userShelf(world: World): (index: number) => User {
  return shelf((index) => userAt(world, index))
}

function shelf<Thing>(make: (index: number) => Thing): (index: number) => Thing {
  const known = new Map<number, Thing>()
  return (index) => {
    const found = known.get(index)
    if (found !== undefined) return found
    if (known.size >= SHELF_MAX) known.clear()
    const made = make(index)
    known.set(index, made)
    return made
  }
}
