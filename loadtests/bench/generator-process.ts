/** Starts a generator in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { GeneratorReport, GeneratorTask } from './generator.ts'

const PROGRAM = fileURLToPath(new URL('./generator.ts', import.meta.url))

export interface RunningGenerator {
  child: ChildProcess
  report: Promise<GeneratorReport>
}

/** @param onCpu ties it to this processor (Linux's taskset) */
export function startGenerator(task: GeneratorTask, onCpu?: number): RunningGenerator {
  const command = [process.execPath, '--expose-gc', PROGRAM, JSON.stringify(task)]
  if (onCpu !== undefined) command.unshift('taskset', '--cpu-list', String(onCpu))
  // Leader of a process group of its own, so that it is measured and ended as the other generators are.
  const child = spawn(command[0]!, command.slice(1), { detached: true, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  return { child, report: reportOf(child) }
}

async function reportOf(child: ChildProcess): Promise<GeneratorReport> {
  let report: GeneratorReport | undefined
  child.on('message', (message: { report: GeneratorReport }) => {
    report = message.report
  })
  const [code, signal] = await once(child, 'exit')
  if (!report) throw new Error(`expected the generator to report, but it ended with ${code ?? signal}`)
  return report
}
