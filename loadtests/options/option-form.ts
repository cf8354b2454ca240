/** The forms that values of options have, in a script, in a file, and as the text of a variable. */
import { MusicboxError } from '../../datasets/failure.ts'
import { durationMs } from './duration.ts'

export interface Form {
  /** @throws MusicboxError `input.invalid` when `value`, called `what`, is not of this form */
  check(value: unknown, what: string): void
  /** The value that a text stands for; its form is checked afterwards. */
  ofText(text: string, what: string): unknown
}

export const FORMS = {
  boolean: {
    check: (value, what) => expectForm(typeof value === 'boolean', what, 'to be true or false', value),
    ofText(text, what) {
      if (/^(1|t|true)$/i.test(text)) return true
      if (/^(0|f|false)$/i.test(text)) return false
      throw unexpected(what, 'to be true or false', text)
    },
  },
  count: { check: (value, what) => void wholeNumber(value, what, 1), ofText: Number },
  'count or 0': { check: (value, what) => void wholeNumber(value, what, 0), ofText: Number },
  text: {
    check: (value, what) => expectForm(typeof value === 'string', what, 'to be a text', value),
    ofText: (text) => text,
  },
  duration: { check: (value, what) => void durationMs(value, what), ofText: (text) => text },
  texts: {
    check: (value, what) =>
      expectForm(Array.isArray(value) && value.every(isText), what, 'to be a list of texts', value),
    ofText: (text) => text.split(',').map((part) => part.trim()),
  },
  'texts by name': {
    check: (value, what) =>
      expectForm(isObject(value) && Object.values(value).every(isText), what, 'to be texts by name', value),
    ofText: (text, what) =>
      Object.fromEntries(
        text.split(',').map((pair) => {
          const [, name, value] = /^\s*([^=]+?)\s*=(.*)$/.exec(pair) ?? []
          if (name === undefined) throw unexpected(what, 'to be like name=value,name=value', text)
          return [name, value]
        }),
      ),
  },
  object: {
    check: (value, what) => expectForm(isObject(value), what, 'to be an object', value),
    ofText: (text) => text,
  },
  stages: {
    check: (value, what) => expectForm(Array.isArray(value), what, 'to be a list of { duration, target }', value),
    ofText: parseStages,
  },
} as const satisfies Record<string, Form>

/** Stages as flags and variables write them: `10s:50,1m:200`. @throws MusicboxError `input.invalid` */
export function parseStages(text: string, what = 'stages'): { duration: string; target: number }[] {
  return text.split(',').map((stage) => {
    const [, duration, target] = /^\s*([^:\s]+):(\d+)\s*$/.exec(stage) ?? []
    if (duration === undefined) throw unexpected(what, 'to be like 10s:50,1m:200 (duration:target)', text)
    durationMs(duration, what)
    return { duration, target: Number(target) }
  })
}

/** @throws MusicboxError `input.invalid` */
export function wholeNumber(value: unknown, what: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number
  const upTo = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`
  throw unexpected(what, `to be a whole number ${upTo}`, value)
}

function expectForm(holds: boolean, what: string, form: string, value: unknown): void {
  if (!holds) throw unexpected(what, form, value)
}

function unexpected(what: string, form: string, value: unknown): MusicboxError {
  // NaN is what a text that is no number has become; JSON would call it null.
  const shown = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
  return new MusicboxError('input.invalid', `expected ${what} ${form}, got ${shown}`)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
