/** A SIGSTOP that does not outlive this process; see {@link file://./pause-process.ts}. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { MusicboxError } from '../../datasets/failure.ts'

const PROGRAM = fileURLToPath(new URL('./pause-process.ts', import.meta.url))

/**
 * @param folder of the cluster
 * @returns what lets the service go on; calling it again waits for the same
 * @throws MusicboxError `not.found` when the service does not run
 */
export async function pauseService(folder: string, name: string): Promise<() => Promise<void>> {
  const child = fork(PROGRAM, [folder, name], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let errors = ''
  child.stderr!.on('data', (chunk) => (errors = `${errors}${chunk}`.slice(-2000)))
  // Not `close`, which Node does not tell of a child whose channel was closed from this end.
  const exited = once(child, 'exit')
  const stopped = await Promise.race([once(child, 'message').then(() => true), exited.then(() => false)])
  if (!stopped) throw new MusicboxError('not.found', `expected ${name} to run and to be stopped: ${errors}`)
  return async () => {
    if (child.connected) child.disconnect()
    await exited
  }
}
