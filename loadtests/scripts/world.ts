/** The world that the history was made from: with another one the songs would be unknown to the server. */
import { SharedArray } from 'k6/data'
import { prepareLive } from '../../simulation/kernel/live.ts'
import { createWorld, type World } from '../../simulation/kernel/world.ts'
import { text } from './settings.ts'

/**
 * WORLD is its JSON, as `musicbox load` passes it on; what it leaves out has the defaults of `createWorld`. An engine
 * that can, gives all listeners the same one, and with it what has been looked up before.
 */
export const WORLD: World = new SharedArray('world', () => [createWorld(JSON.parse(text('WORLD', '{}')))])[0]!

// Now, while the script is loaded: in the run it would hold up all listeners of an engine that has one thread for them.
prepareLive(WORLD)
