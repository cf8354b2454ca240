/** How tests run a command: in-process, as a person at a shell would, with what it prints kept. */
import { Command } from 'commander'
import { runCommands } from './command.ts'
import type { Host } from './host.ts'

export interface Ran {
  exit: number
  out: string
  err: string
}

/** Runs a program in a host of its own. @param given of the host: what else than an empty world at the start of 1970 */
export async function captured(
  program: (host: Host) => Promise<number>,
  args: readonly string[],
  given: Partial<Host> = {},
): Promise<Ran> {
  const written = { out: '', err: '' }
  const host: Host = {
    args,
    stdout: { write: (text) => (written.out += text) },
    stderr: { write: (text) => (written.err += text) },
    env: {},
    signal: new AbortController().signal,
    isTerminal: false,
    now: () => 0,
    ...given,
  }
  const exit = await program(host)
  return { exit, ...written }
}

/** Runs one command; the first of `args` is its name. */
export function runCommand(
  commandOf: (host: Host) => Command,
  args: readonly string[],
  given: Partial<Host> = {},
): Promise<Ran> {
  return captured((host) => runCommands(new Command('musicbox').addCommand(commandOf(host)), host), args, given)
}
