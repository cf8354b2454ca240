/** What can go wrong between this process and HBase, and what may be done about it. */
import { MusicboxError } from '../../../datasets/failure.ts'

export type HbaseFailure =
  /** Nothing was sent: the port refused, the server was not found, or ZooKeeper did not answer. */
  | 'unreachable'
  /** The request was sent and its answer did not come: it may have been carried out. */
  | 'unanswered'
  /** The server answered with an exception. */
  | 'refused'

export class HbaseError extends Error {
  readonly failure: HbaseFailure
  /** Class of the server's exception, without its package. */
  readonly exception: string
  readonly #final: boolean

  constructor(failure: HbaseFailure, message: string, exception = '', final = false) {
    super(message)
    this.name = 'HbaseError'
    this.failure = failure
    this.exception = exception.slice(exception.lastIndexOf('.') + 1)
    this.#final = final
  }

  /**
   * Whether to ask again, of whichever server has the region by then.
   * @param idempotent whether carrying the request out twice is as good as once
   */
  mayRetry(idempotent: boolean): boolean {
    if (this.failure === 'unreachable') return true
    if (this.failure === 'unanswered') return idempotent
    if (NOT_CARRIED_OUT.test(this.exception)) return true
    return idempotent && !this.#final && !NEVER_ELSE.test(this.exception)
  }
}

/** Exceptions by which a server says that it has not touched the request: a wrong place, or no time. */
const NOT_CARRIED_OUT =
  /^(NotServingRegion|RegionMoved|RegionOpening|RegionServerStopped|RegionServerAborted|ServerNotRunningYet|RegionTooBusy|CallQueueTooBig|CallDropped|WrongRegion|PleaseHold)Exception$/

/** Exceptions that another try meets again. In the answer to a batch they come without the server's own word on that. */
const NEVER_ELSE =
  /^(DoNotRetryIO|NoSuchColumnFamily|TableNotFound|TableNotEnabled|TableExists|NamespaceNotFound|NamespaceExist|AccessDenied|FailedSanityCheck|UnknownProtocol|IllegalArgument|UnsupportedOperation|InvalidFamilyOperation)Exception$/

/** The failure in the words of the project; other errors stay as they are. */
export function asMusicboxError(cause: unknown): unknown {
  if (!(cause instanceof HbaseError)) return cause
  if (/^(TableNotFound|NamespaceNotFound)Exception$/.test(cause.exception)) {
    return new MusicboxError('not.found', `expected a table in HBase: ${cause.message}`, 'make a history first', {
      cause,
    })
  }
  return new MusicboxError(
    'backend.unreachable',
    `expected an answer of HBase: ${cause.message}`,
    'look at `musicbox cluster status`, or at the address in cluster.json',
    { cause },
  )
}

/** Runs something at HBase and tells its failure in the words of the project. */
export async function inOurWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw asMusicboxError(error)
  }
}
