/** Processor time of a process and all that it has started, from Linux's /proc. */
import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks in a second, as the kernel tells programs (USER_HZ): 100 on every platform that Node runs on. */
const TICKS_PER_S = 100

interface ProcessStat {
  pid: number
  parent: number
  session: number
  /** Its own, and that of children that it has seen end. */
  cpu_s: number
}

/** @param root a process that leads a session of its own, so that children who left their parent are found too */
export function treeProcessorSeconds(root: number): number {
  const all = new Map<number, ProcessStat>()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined
    if (stat) all.set(stat.pid, stat)
  }
  const belongs = (stat: ProcessStat | undefined, depth = 0): boolean =>
    stat !== undefined &&
    (stat.pid === root || stat.session === root || (depth < 64 && belongs(all.get(stat.parent), depth + 1)))
  let cpu_s = 0
  for (const stat of all.values()) if (belongs(stat)) cpu_s += stat.cpu_s
  return cpu_s
}

/** proc_pid_stat(5). @returns nothing when the process has ended meanwhile */
function readStat(pid: number): ProcessStat | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in brackets may hold anything; state is what follows it.
    const fields = line
      .slice(line.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0)
    return { pid, parent: fields[1]!, session: fields[3]!, cpu_s: ticks / TICKS_PER_S }
  } catch {
    return undefined
  }
}
