import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isFailure } from '../../event-log.suite.ts'
import { openTopic, type TopicFound } from './kafka-topic.ts'

const kafkaError = (type: string): Error => Object.assign(new Error(type), { type })

/** Opens a topic that is there, with these settings; errors are thrown in turn before any is told. */
function open(settings: Record<string, string>, errors: (Error | undefined)[] = []): Promise<TopicFound> {
  return openTopic({
    link: {
      leaders: async () => [1, 1, 1],
      createTopic: () => Promise.reject(kafkaError('TOPIC_ALREADY_EXISTS')),
      topicSetting: async (name) => {
        const error = errors.shift()
        if (error) throw error
        return settings[name]
      },
    },
    partitions: 3,
    replication: 1,
    where: 'topic t at nowhere:1',
    deadline_ms: 200,
  })
}

describe('kafka topic', () => {
  it('is found with its limit, also when the first answers are errors', async () => {
    const settings = { 'cleanup.policy': 'delete', 'max.message.bytes': '20000' }
    const errors = ['REQUEST_TIMED_OUT', 'UNKNOWN_TOPIC_OR_PARTITION'].map(kafkaError)
    const found = { partitionCount: 3, batchBytesMax: 20_000 }
    assert.deepEqual(await open(settings, errors), found)
    assert.deepEqual(await open(settings, [undefined, ...errors]), found)
  })

  it("takes Kafka's default for a user who may not see the settings, and for no other reason", async () => {
    const denied = ['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED'].map(kafkaError)
    assert.equal((await open({ 'max.message.bytes': '20000' }, denied)).batchBytesMax, 1_048_588)
    const silent = new Array<Error>(50).fill(new Error('socket hang up'))
    await assert.rejects(
      open({}, silent),
      (error) => isFailure(error, 'backend.unreachable') && /could not read .*socket hang up/.test(String(error)),
    )
  })

  it('is refused when it is compacted', async () => {
    for (const policy of ['compact', 'delete,compact', 'compact, delete']) {
      await assert.rejects(
        open({ 'cleanup.policy': policy }),
        (error) => isFailure(error, 'input.invalid') && String(error).includes(`got ${policy}:`),
      )
    }
  })
})
