/** Whether a server is ready to be loaded: better one sentence now than thousands of refused connections. */
import { MusicboxError } from '../../datasets/failure.ts'

/** How long a server that is just starting is waited for. */
const READY_WITHIN_MS = 5000
const POLL_MS = 100

/** @param what names the server in the error. @throws MusicboxError `backend.unreachable` */
export async function expectReady(what: string, url: string): Promise<void> {
  const deadline = AbortSignal.timeout(READY_WITHIN_MS)
  let status: number | string = 'no answer'
  while (!deadline.aborted) {
    status = await fetch(`${url}/health/ready`, { signal: deadline }).then(
      (answer) => answer.status,
      () => 'no answer',
    )
    if (status === 200) return
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  throw new MusicboxError(
    'backend.unreachable',
    `expected a ready ${what} server at ${url}, got ${status}`,
    'start one with: npm run -s musicbox -- serve',
  )
}
