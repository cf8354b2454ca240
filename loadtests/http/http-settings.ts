/** What the options of a run say about all its requests, worked out once. */

import type { RunOptions } from '../options/options.ts'
import type { Dialing } from './dial.ts'
import { RateLimit } from './rate-limit.ts'

export interface HttpSettings extends Dialing {
  readonly userAgent: string
  readonly maxRedirects: number
  readonly discardResponseBodies: boolean
  readonly throw: boolean
  /** Each request is the last on its connection. */
  readonly closes: boolean
  /** Tags that the engine puts on its samples. */
  readonly tags: ReadonlySet<string>
  readonly limit: RateLimit | undefined
}

const known = new WeakMap<RunOptions, HttpSettings>()

export function httpSettings(options: RunOptions): HttpSettings {
  let settings = known.get(options)
  if (!settings) {
    settings = {
      hosts: options.hosts,
      insecureSkipTLSVerify: options.insecureSkipTLSVerify,
      userAgent: options.userAgent,
      maxRedirects: options.maxRedirects,
      discardResponseBodies: options.discardResponseBodies,
      throw: options.throw,
      closes: options.noConnectionReuse,
      tags: new Set(options.systemTags),
      limit: options.rps > 0 ? new RateLimit(options.rps) : undefined,
    }
    known.set(options, settings)
  }
  return settings
}
