import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { it } from 'node:test'
import { MusicboxError } from '../../../datasets/failure.ts'
import { signalService, untilServiceReady } from '../launcher/cluster-process.ts'
import { describeOnCluster } from '../test-cluster.suite.ts'
import { HiveClient } from './hive-client.ts'

describeOnCluster('HiveServer2, killed in the middle of a statement', (cluster) => {
  it('the statement fails at once, and the next one works when the server is back', async () => {
    const folder = dirname(process.env['MUSICBOX_TEST_CLUSTER']!)
    const { hive } = await cluster()
    const client = new HiveClient({ address: hive.hiveserver2, user: hive.user })
    try {
      // Idle sessions are lost as well: a second one waits in the pool.
      await Promise.all([client.query('SELECT 1'), client.query('SELECT 2')])
      const running = client.query("SELECT count(*), reflect('java.lang.Thread', 'sleep', CAST(60000 AS BIGINT))")
      const settled = running.then(
        () => assert.fail('the statement came through'),
        (error: unknown) => ({ error, at_ms: performance.now() }),
      )
      await new Promise((resolve) => setTimeout(resolve, 300))
      const killed_ms = performance.now()
      const pid = await signalService(folder, 'hiveserver2', 'SIGKILL')
      const { error, at_ms } = await settled
      assert.ok(error instanceof MusicboxError && error.code === 'backend.unreachable', String(error))
      assert.match(error.message, /closed|ECONNRESET|EPIPE/)
      assert.ok(at_ms - killed_ms < 5000, `it took ${at_ms - killed_ms} ms`)
      await untilServiceReady(folder, 'hiveserver2', { timeout_ms: 90_000, not_pid: pid })
      assert.deepEqual(await Promise.all([client.query('SELECT 1'), client.query('SELECT 2')]), [[[1]], [[2]]])
    } finally {
      await client.close()
    }
  })
})
