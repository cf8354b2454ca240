/** The module `k6`: check, fail, group; and what cannot be had here, refused with its remedy. */
import { MusicboxError } from '../../../datasets/failure.ts'
import type { Vu } from '../vu.ts'

export function k6Module(vu: Vu): Record<string, unknown> {
  const { run } = vu
  return {
    check(value: unknown, sets: Readonly<Record<string, unknown>>, tags?: Readonly<Record<string, unknown>>): boolean {
      vu.require('vu', 'check()')
      let all = true
      for (const name in sets) {
        const predicate = sets[name]
        let passed = false
        try {
          const result = typeof predicate === 'function' ? predicate(value) : predicate
          if (result instanceof Promise) {
            throw new MusicboxError('script.failed', `check "${name}" is asynchronous`, 'Await before the check.')
          }
          passed = Boolean(result)
        } finally {
          record(vu, name, passed, tags)
        }
        if (!passed) all = false
      }
      return all
    },

    fail(message?: string): never {
      throw new Error(message ?? 'fail() was called')
    },

    group<T>(name: string, body: () => T): T {
      vu.require('vu', 'group()')
      if (body.constructor.name === 'AsyncFunction') throw asyncGroup(name)
      const outer = vu.group
      vu.group = `${outer}::${name}`
      const started = performance.now()
      try {
        const result = body()
        if (result instanceof Promise) throw asyncGroup(name)
        return result
      } finally {
        vu.emit(run.metrics.builtIn('group_duration'), performance.now() - started, vu.tagSet())
        vu.group = outer
      }
    },

    sleep(): never {
      throw new MusicboxError(
        'script.failed',
        'sleep() blocks, and here one thread serves every listener',
        'Write await new Promise((wake) => setTimeout(wake, ms)), which k6 understands too.',
      )
    },

    randomSeed(): never {
      throw new MusicboxError(
        'script.failed',
        'randomSeed() is not supported: no other engine can reproduce k6’s sequence',
        'Draw from a seeded generator of your own; datasets/random.ts is one that k6 can import.',
      )
    },
  }
}

function record(vu: Vu, name: string, passed: boolean, tags: Readonly<Record<string, unknown>> | undefined): void {
  const { run } = vu
  const key = `${vu.group}::${name}`
  let tally = run.checks.get(key)
  if (!tally) {
    tally = { name, group: vu.group, passes: 0, fails: 0 }
    run.checks.set(key, tally)
  }
  if (passed) tally.passes++
  else tally.fails++
  const all = vu.tagSet(tags)
  const tagged = run.options.systemTags.includes('check') ? all.with('check', name) : all
  vu.emit(run.metrics.builtIn('checks'), passed ? 1 : 0, tagged)
}

function asyncGroup(name: string): MusicboxError {
  return new MusicboxError(
    'script.failed',
    `group "${name}" has an asynchronous body, which k6 refuses`,
    'Use step() of loadtests/scripts/step.ts: it tags and times asynchronous work in both engines.',
  )
}
