/** The k6 modules of one virtual user, by name. */
import { MusicboxError } from '../../datasets/failure.ts'
import { cryptoModule } from './modules/crypto.ts'
import { dataModule } from './modules/data.ts'
import { encodingModule } from './modules/encoding.ts'
import { executionModule } from './modules/execution.ts'
import { httpModule } from './modules/http.ts'
import { k6Module } from './modules/k6.ts'
import { metricsModule } from './modules/metrics.ts'
import type { Vu } from './vu.ts'

const MODULES: Readonly<Record<string, (vu: Vu) => Record<string, unknown>>> = {
  k6: k6Module,
  'k6/http': httpModule,
  'k6/metrics': metricsModule,
  'k6/execution': executionModule,
  'k6/data': dataModule,
  'k6/encoding': encodingModule,
  'k6/crypto': cryptoModule,
  'k6/timers': (vu) => timers(vu),
}

/** What `require` gives the modules of a user's script. @throws MusicboxError `script.failed` for a module not here */
export function requireFor(vu: Vu): (name: string) => unknown {
  const loaded = new Map<string, unknown>()
  return (name) => {
    let module = loaded.get(name)
    if (module === undefined) {
      const make = Object.hasOwn(MODULES, name) ? MODULES[name] : undefined
      if (!make) {
        throw new MusicboxError(
          'script.failed',
          `module "${name}" is not supported by this engine`,
          `Supported: ${Object.keys(MODULES).join(', ')}.`,
        )
      }
      const exported = make(vu)
      // What modules share among users is in their prototype.
      const base = Object.create(Object.getPrototypeOf(exported))
      module = Object.assign(base, exported, { __esModule: true, default: exported })
      loaded.set(name, module)
    }
    return module
  }
}

/** setTimeout and its kin, bound to the user's event loop. */
export function timers(vu: Vu): Record<'setTimeout' | 'setInterval' | 'clearTimeout' | 'clearInterval', unknown> {
  const { loop } = vu
  type Callback = (...args: unknown[]) => void
  const schedule =
    (repeats: boolean) =>
    (callback: Callback, delay_ms?: number, ...args: unknown[]): number => {
      vu.require('vu', repeats ? 'setInterval()' : 'setTimeout()')
      return repeats ? loop.setInterval(callback, delay_ms, ...args) : loop.setTimeout(callback, delay_ms, ...args)
    }
  const clear = (id: number): void => loop.clearTimeout(id)
  return { setTimeout: schedule(false), setInterval: schedule(true), clearTimeout: clear, clearInterval: clear }
}
