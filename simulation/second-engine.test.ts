/** The kernel in an engine that shares no code with Node's: what k6's engine will make of it, on any machine. */
import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { getQuickJS } from 'quickjs-emscripten'
import type { Day } from '../datasets/day.ts'
import { dayNumber } from './kernel/day-number.ts'
import { EventBlock } from './kernel/event-block.ts'
import { fillDay, type UserRange } from './kernel/history.ts'
import type { Shock } from './kernel/shock.ts'
import { createWorld, type World } from './kernel/world.ts'
import { blockHash } from './twin/block-bytes.ts'

interface Slice {
  world: World
  day: Day
  users: UserRange
}

const shocks: Shock[] = [
  { kind: 'viral', name: 'v', song: 3, day: '2026-01-05', size: 20, fadeDays: 4 },
  { kind: 'death', name: 'd', artist: 2, day: '2026-01-06', size: 9.5, fadeDays: 12.5 },
  { kind: 'release', name: 'r', song: 9, day: '2026-01-01', size: 3, fadeDays: 7 },
  { kind: 'holiday', name: 'h', day: '2026-01-07', days: 3, size: 1.7 },
  { kind: 'outage', name: 'o', from_ms: 1_767_780_000_000, to_ms: 1_767_790_000_000 },
  { kind: 'price', name: 'p', day: '2026-01-02', size: 40 },
]
const small = { songCount: 250, userCount: 60 }
const odd = { sessionsPerDay: 0.9, skip: 1.37, popularity: 0.81, taste: 1.4, rhythm: 0.6, reactions: 2.2, repeat: 0.7 }
const WORLDS: Readonly<Record<string, World>> = {
  realistic: createWorld(small),
  'seed-2014': createWorld({ ...small, profile: 'seed-2014' }),
  'with shocks': createWorld({ ...small, shocks }),
  'with knobs and shocks': createWorld({ ...small, knobs: odd, shocks, firstDay: '2025-12-20', lastYear: 2019 }),
  'of 2014 with knobs': createWorld({ ...small, profile: 'seed-2014', knobs: odd }),
  'of another seed': createWorld({ ...small, key: [0xffffffff, 0x80000000, 1, 0x7fffffff], knobs: { skip: 0 } }),
}

function slicesOf(world: World): Slice[] {
  return [
    { world, day: '2026-01-07', users: { first: 0, count: 30 } },
    { world, day: '2026-01-08', users: { first: 25, count: 35 } },
  ]
}

/** What both engines run, once over the same text. */
function hashHere({ world, day, users }: Slice): string {
  const block = new EventBlock()
  fillDay(block, world, dayNumber(day), users)
  return `${block.count} ${blockHash(block)}`
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { dayNumber } from './kernel/day-number.ts'
        import { EventBlock } from './kernel/event-block.ts'
        import { fillDay } from './kernel/history.ts'
        import { blockHash } from './twin/block-bytes.ts'
        export function hash({ world, day, users }) {
          const block = new EventBlock()
          fillDay(block, world, dayNumber(day), users)
          return block.count + ' ' + blockHash(block)
        }`,
      resolveDir: dirname(fileURLToPath(import.meta.url)),
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'kernel',
    target: 'es2020',
  })
  return outputFiles[0]!.text
}

/** Hashes made by QuickJS from a bundle of the kernel. */
async function hashesThere(text: string, slices: readonly Slice[]): Promise<string[]> {
  using context = (await getQuickJS()).newContext()
  const evaluate = (code: string): unknown => {
    using result = context.unwrapResult(context.evalCode(code))
    return context.dump(result)
  }
  evaluate(`${text}; globalThis.kernel = kernel; 0`)
  // World by world, for a songbook belongs to one world object.
  return evaluate(`
    const slices = ${JSON.stringify(slices)}
    let world
    slices.map((slice) => {
      if (JSON.stringify(world) !== JSON.stringify(slice.world)) world = slice.world
      return kernel.hash({ ...slice, world })
    })`) as string[]
}

describe('a second engine', () => {
  it('makes the same blocks to the last bit, in both profiles, with shocks and knobs', async () => {
    const text = await bundle()
    for (const [name, world] of Object.entries(WORLDS)) {
      const slices = slicesOf(world)
      const here = slices.map(hashHere)
      assert.ok(
        here.every((hash) => Number.parseInt(hash, 10) > 20),
        `${name}: ${here}`,
      )
      assert.deepEqual(await hashesThere(text, slices), here, name)
    }
  })

  it('would show one that multiplies otherwise', async () => {
    // Above 2^53 a product of two 32-bit numbers loses its lowest bits, which `Math.imul` keeps.
    const text = `Math.imul = (a, b) => (a * b) | 0\n${await bundle()}`
    const slices = slicesOf(WORLDS['realistic']!)
    assert.notDeepEqual(await hashesThere(text, slices), slices.map(hashHere))
  })
})
