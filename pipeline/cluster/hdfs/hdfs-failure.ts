/** How HDFS's refusals are told to the user. */
import { MusicboxError } from '../../../datasets/failure.ts'
import { HdfsError } from './hdfs-error.ts'

/** @param what the sentence's beginning, as `could not publish a/b` */
export function failureOf(error: unknown, what: string): unknown {
  if (!(error instanceof HdfsError)) return error
  const message = `${what}: ${error.message}`
  const { exception } = error
  if (isFull(error)) {
    return new MusicboxError(
      'backend.full',
      message,
      'Raise the quota, or add disk space or datanodes, then run it again.',
      {
        cause: error,
      },
    )
  }
  if (['InvalidPathException', 'IllegalArgumentException'].includes(exception)) {
    return new MusicboxError('input.invalid', message, 'HDFS does not take this name.', { cause: error })
  }
  return new MusicboxError('backend.unreachable', message, hintFor(error), { cause: error })
}

/** Out of quota; or the namenode sees datanodes and yet none that would take a block, which is what full disks look like. */
function isFull({ exception, message }: HdfsError): boolean {
  if (exception.endsWith('QuotaExceededException')) return true
  return /There are [1-9]\d* datanode\(s\) running and (no|0) node\(s\) are excluded/.test(message)
}

function hintFor({ status, exception }: HdfsError): string {
  if (/^(AccessControl|Authorization|Authentication|Security)Exception$|^HTTP 40[13]$/.test(exception)) {
    return 'Check hdfs.user in cluster.json; only simple authentication is supported, not Kerberos.'
  }
  if (status === undefined || exception === 'NotWebHDFS') {
    return 'Check hdfs.webhdfs in cluster.json, and that the namenode and its datanodes run and can be reached from here.'
  }
  return 'See the state of HDFS: `musicbox cluster status`, or the page of the namenode.'
}
