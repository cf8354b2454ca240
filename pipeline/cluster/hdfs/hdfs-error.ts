/**
 * A WebHDFS call that did not succeed: it was refused, or no whole answer came. Of the second kind nobody knows whether
 * the server has done it.
 */
export class HdfsError extends Error {
  /** HTTP status; undefined when no whole answer came. */
  readonly status: number | undefined
  /** The server's exception by its class name, as `SafeModeException`; else the network's code, `HTTP 502`, or our word. */
  readonly exception: string

  constructor(what: string, status: number | undefined, exception: string, detail: string, options?: ErrorOptions) {
    // What follows the first line is a Java stack.
    super(`${what}: ${exception}: ${detail.split('\n', 1)[0]}`, options)
    this.name = 'HdfsError'
    this.status = status
    this.exception = exception
  }
}

/** Refusals that the same call will meet again. All others come and go with a restart, a safe mode or a lost datanode. */
const LASTING = new Set([
  'AccessControlException',
  'AuthenticationException',
  'AuthorizationException',
  'DSQuotaExceededException',
  'FileAlreadyExistsException',
  'FileNotFoundException',
  'IllegalArgumentException',
  'InvalidPathException',
  'NSQuotaExceededException',
  // Ours, for an answer that no namenode gives.
  'NotWebHDFS',
  'ParentNotDirectoryException',
  'PathIsNotEmptyDirectoryException',
  'QuotaExceededException',
  'SecurityException',
  'UnsupportedOperationException',
])

/** Whether the same call may succeed a little later. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof HdfsError)) return false
  // A page of HTML from what is no WebHDFS, or wants another way to log in.
  if (/^HTTP 4/.test(error.exception)) return false
  return !LASTING.has(error.exception)
}

export function isMissing(error: unknown): boolean {
  return error instanceof HdfsError && error.exception === 'FileNotFoundException'
}
