/** The machine that a run was made on: figures of two machines do not compare. */
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import type { Capsule } from './capsule.ts'

export function thisMachine(): Capsule['machine'] {
  return {
    // What this process may use, which in a container is less than the machine has.
    cores: availableParallelism(),
    memory_bytes: totalmem(),
    cpu: cpus()[0]?.model.trim() || 'unknown',
    os: `${type()} ${release()}`,
  }
}
