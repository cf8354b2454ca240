/** What a failure of kafkajs means: whether another try can help, and what to tell the user. */
import { type FailureCode, MusicboxError } from '../../../datasets/failure.ts'

/** What kafkajs throws: protocol errors carry the broker's error by name, and some are wrapped in others. */
interface KafkaError extends Error {
  type?: string
  errors?: KafkaError[]
}

/** The broker's name for the error (`MESSAGE_TOO_LARGE`), or else kafkajs's (`KafkaJSConnectionError`). */
export function kindOf(error: unknown): string {
  for (let inner = error as KafkaError | undefined; inner; inner = (inner.errors?.[0] ?? inner.cause) as KafkaError) {
    if (inner.type) return inner.type
  }
  return (error as Error).name
}

/** Errors that come again however often one tries. */
const INCURABLE: Readonly<Record<string, { code: FailureCode; hint: string }>> = {
  MESSAGE_TOO_LARGE: { code: 'input.invalid', hint: 'Send smaller events, or raise max.message.bytes of the topic.' },
  RECORD_LIST_TOO_LARGE: { code: 'input.invalid', hint: 'Raise segment.bytes of the topic.' },
  INVALID_RECORD: { code: 'input.invalid', hint: 'See the broker log for what it did not accept.' },
  UNSUPPORTED_FOR_MESSAGE_FORMAT: { code: 'input.invalid', hint: 'Kafka 2.3 or newer is needed.' },
  INVALID_TOPIC_EXCEPTION: { code: 'input.invalid', hint: 'Choose another namespace in cluster.json.' },
  INVALID_PARTITIONS: { code: 'input.invalid', hint: 'Correct kafka.partitions in cluster.json.' },
  INVALID_REPLICATION_FACTOR: {
    code: 'input.invalid',
    hint: 'Start as many brokers as kafka.replication in cluster.json asks for, or ask for fewer copies.',
  },
  INVALID_CONFIG: { code: 'input.invalid', hint: 'See the broker log for what it did not accept.' },
  POLICY_VIOLATION: {
    code: 'input.invalid',
    hint: 'The cluster has rules for new topics: have the topic made for you.',
  },
  TOPIC_AUTHORIZATION_FAILED: { code: 'backend.unreachable', hint: 'Have the user be allowed to use the topic.' },
  CLUSTER_AUTHORIZATION_FAILED: {
    code: 'backend.unreachable',
    hint: 'Have the user be allowed IdempotentWrite, and Create if the topic is not there yet.',
  },
  SASL_AUTHENTICATION_FAILED: { code: 'backend.unreachable', hint: 'Check user and password.' },
  KafkaJSSASLAuthenticationError: { code: 'backend.unreachable', hint: 'Check user and password.' },
}

export function isIncurable(error: unknown): boolean {
  return error instanceof MusicboxError ? error.code !== 'backend.unreachable' : Object.hasOwn(INCURABLE, kindOf(error))
}

/** The failure for the user. `doing` says what was tried, and where. */
export function kafkaFailure(error: unknown, doing: string): MusicboxError {
  if (error instanceof MusicboxError) return error
  const { message } = error as Error
  const { code, hint } = INCURABLE[kindOf(error)] ?? {
    code: 'backend.unreachable',
    hint: 'Check that the brokers run (`musicbox cluster status`), and kafka.brokers, tls and sasl in cluster.json.',
  }
  return new MusicboxError(code, `${doing}: ${message}`, hint, { cause: error })
}
