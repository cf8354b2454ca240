/**
 * The process that does a run's faults: proxies and signals. A process of its own, so that bytes that pass through a proxy
 * take no time of the generator's event loop, and so that somebody is left to undo a fault when the run is killed. The IPC
 * channel is its life line: when it breaks, every paused part is continued, and the process ends.
 */
import { MusicboxError } from '../../datasets/failure.ts'
import { monotonicClock } from '../executors/clock.ts'
import { type Effect, type Server, TARGETS } from './fault.ts'
import type { FaultDone, FaultOrder, FaultReply, FaultRequest } from './fault-order.ts'
import { openProxy, type TcpProxy } from './proxy.ts'
import { findPart, signalPart } from './serving-part.ts'

const proxies = new Map<Server, TcpProxy>()
/** How to end what lasts, by the fault's number. */
const endings = new Map<number, () => unknown>()

/** Orders are followed one after the other, so that none is under way when everything is ended. */
let underWay: Promise<unknown> = Promise.resolve()
let ending = false

process.on('message', (request: FaultRequest) => {
  if (ending) return
  underWay = underWay.then(() => answer(request)).then((reply) => process.connected && process.send!(reply))
})
process.on('disconnect', () => void endAll())
// A run that is stopped from a terminal ends its faults itself; who ends only this process wants them undone as well.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})
process.on('SIGTERM', () => void endAll())
process.on('uncaughtException', (error) => {
  console.error(error)
  void endAll(1)
})

async function answer({ id, ...order }: FaultRequest): Promise<FaultReply> {
  try {
    return { id, done: await follow(order) }
  } catch (error) {
    const { message } = error as Error
    const known = error instanceof MusicboxError
    return { id, failed: { code: known ? error.code : undefined, message, hint: known ? error.hint : '' } }
  }
}

async function follow(order: FaultOrder): Promise<FaultDone> {
  switch (order.do) {
    case 'open': {
      const { server, target_port, seed } = order
      const proxy = await openProxy({ target_port, seed, clock: monotonicClock })
      proxies.set(server, proxy)
      return { port: proxy.port }
    }
    case 'begin':
      return await begin(order.fault, order.effect, order.data)
    case 'end': {
      const end = endings.get(order.fault)
      endings.delete(order.fault)
      await end?.()
      return {}
    }
  }
}

const SIGNALS = { kill: 'SIGKILL', stop: 'SIGTERM', pause: 'SIGSTOP' } as const

async function begin(fault: number, effect: Effect, data: string): Promise<FaultDone> {
  switch (effect.action) {
    case 'kill':
    case 'stop':
    case 'pause': {
      const part = await findPart(data, TARGETS[effect.target])
      // Noted before the signal: whatever happens in between, a part that is stopped is continued.
      if (effect.action === 'pause') endings.set(fault, () => signalPart(part, 'SIGCONT'))
      if (!(await signalPart(part, SIGNALS[effect.action]))) {
        throw new MusicboxError(
          'not.found',
          `expected to ${effect.action} ${effect.target}, but its process has just ended`,
        )
      }
      return { pid: part.pid }
    }
    case 'cut': {
      const proxy = proxyOf(effect.target)
      const heal = (['up', 'down'] as const).map((stream) =>
        proxy.add({ toxic: { toxic: 'hold' }, stream, toxicity: 1 }),
      )
      endings.set(fault, () => {
        for (const each of heal) each()
      })
      return {}
    }
    case 'down':
      endings.set(fault, await proxyOf(effect.target).down())
      return {}
    case 'toxic':
      endings.set(fault, proxyOf(effect.target).add(effect))
      return {}
  }
}

function proxyOf(server: Server): TcpProxy {
  const proxy = proxies.get(server)
  if (proxy === undefined) throw new Error(`expected a proxy before ${server}, which is opened before its first fault`)
  return proxy
}

async function endAll(exitCode = 0): Promise<void> {
  if (ending) return
  ending = true
  await underWay
  await Promise.allSettled(Array.from(endings.values(), async (end) => await end()))
  process.exit(exitCode)
}
