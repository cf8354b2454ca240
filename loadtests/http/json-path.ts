/**
 * The selectors of `response.json("…")`: of GJSON's path language what points at a place or gathers a list. Names and
 * indexes joined by dots, `\.` for a dot in a name, `#` for the length of a list, `#.name` for that of each element.
 */
import { MusicboxError } from '../../datasets/failure.ts'

/**
 * What `path` selects of `value`; undefined where there is nothing.
 * @throws MusicboxError `script.failed` for what GJSON can and this cannot: wildcards, queries, modifiers, pipes
 */
export function selectJson(value: unknown, path: string): unknown {
  return select(value, stepsOf(path), 0)
}

const REMEMBERED_MAX = 1000
const known = new Map<string, readonly string[]>()

function stepsOf(path: string): readonly string[] {
  let steps = known.get(path)
  if (!steps) {
    steps = readSteps(path)
    if (known.size >= REMEMBERED_MAX) known.clear()
    known.set(path, steps)
  }
  return steps
}

function readSteps(path: string): string[] {
  const steps = ['']
  for (let i = 0; i < path.length; i++) {
    const letter = path[i]!
    if (letter === '\\') steps[steps.length - 1] += path[++i] ?? ''
    else if (letter === '.') steps.push('')
    else if (/[*?|@!{}[\]()=<>"%]/.test(letter) || (letter === '#' && !/(^|\.)#(\.|$)/.test(around(path, i)))) {
      throw new MusicboxError(
        'script.failed',
        `json(${JSON.stringify(path)}) is more than this engine selects`,
        'Use names, numbers and # joined by dots, with \\ before a letter that would mean something; or take json() and select in the script.',
      )
    } else steps[steps.length - 1] += letter
  }
  return steps
}

function around(path: string, at: number): string {
  return path.slice(Math.max(0, at - 1), at + 2)
}

function select(value: unknown, steps: readonly string[], from: number): unknown {
  let at = value
  for (let i = from; i < steps.length; i++) {
    const step = steps[i]!
    if (Array.isArray(at) && step === '#') {
      if (i + 1 === steps.length) return at.length
      return at.map((one) => select(one, steps, i + 1)).filter((found) => found !== undefined)
    }
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined
    if (Array.isArray(at) && !/^\d+$/.test(step)) return undefined
    at = (at as Record<string, unknown>)[step]
  }
  return at
}
