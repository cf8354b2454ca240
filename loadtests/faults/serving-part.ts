/**
 * The process of a part of `musicbox serve`, as its serving file names it, and signals to it. The file can be older than
 * what is true: a pid in it may be dead, or by now belong to somebody else. So nothing is signalled before the process
 * itself was seen to be that part, started by that supervisor.
 */
import { readFile } from 'node:fs/promises'
import { MusicboxError } from '../../datasets/failure.ts'
import { type Part, readServing, type Serving, servingPath } from '../../datasets/serving.ts'

export type ServingPart = Serving['parts'][number] & { supervisor_pid: number }

/** @throws MusicboxError `not.found` when the part does not run, or what the file names is something else */
export async function findPart(folder: string, part: Part): Promise<ServingPart> {
  const serving = await readServing(folder)
  const path = servingPath(folder)
  if (serving === undefined) {
    throw new MusicboxError(
      'not.found',
      `expected ${path} to name the processes of a running musicbox serve, got no such file`,
      `start one on the same folder: npm run -s musicbox -- serve --data ${folder}`,
    )
  }
  const found = serving.parts.find((each) => each.part === part)
  if (found === undefined) {
    const others = serving.parts.map((each) => each.part).join(', ')
    throw new MusicboxError('not.found', `expected ${path} to name the part "${part}", got only ${others}`, 'start it')
  }
  const named = { ...found, supervisor_pid: serving.supervisor_pid }
  const problem = await whyNotPart(named)
  if (problem !== undefined) {
    throw new MusicboxError(
      'not.found',
      `expected process ${named.pid}, which ${path} names, to be the part "${part}" of musicbox serve, got ${problem}`,
      'nothing was signalled; start musicbox serve on this folder again',
    )
  }
  return named
}

/** @returns false when the process has ended, or is no longer that part */
export async function signalPart(
  part: ServingPart,
  signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT',
): Promise<boolean> {
  if ((await whyNotPart(part)) !== undefined) return false
  process.kill(part.pid, signal)
  return true
}

/**
 * Nothing when the process is the part. Where there is no /proc (macOS), that it is alive must do.
 */
async function whyNotPart({ part, pid, supervisor_pid }: ServingPart): Promise<string | undefined> {
  try {
    process.kill(pid, 0)
  } catch {
    return 'no such process'
  }
  const self = await readFile('/proc/self/stat', 'utf8').catch(() => undefined)
  if (self === undefined) return undefined
  const [commandLine, stat] = await Promise.all(
    ['cmdline', 'stat'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
  )
  if (stat === '') return 'no such process'
  const args = commandLine!.split('\0').slice(0, -1)
  // As the supervisor starts it: node PROGRAM serve PART … --supervised.
  const at = args.indexOf('serve')
  if (at < 1 || args[at + 1] !== part || !args.includes('--supervised')) {
    return args.length === 0 ? 'one that has ended' : `"${args.join(' ').slice(0, 200)}"`
  }
  const parent = parentOf(stat!)
  return parent === supervisor_pid ? undefined : `a child of process ${parent}, not of its supervisor ${supervisor_pid}`
}

/** From /proc/PID/stat: the name, second, is in parentheses and may hold spaces and parentheses itself. */
function parentOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}
