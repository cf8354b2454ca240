/** What `npm start` promises, on the real cluster: the whole way ends in a proof. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { captured } from './datasets/command.suite.ts'
import { musicbox } from './musicbox.ts'
import { clusterFile, describeOnCluster } from './pipeline/cluster/test-cluster.suite.ts'

describeOnCluster('the demo on the cluster', (cluster) => {
  it('ends in a proof: every accepted event is in the report, each once', async () => {
    const data = await mkdtemp(join(tmpdir(), 'musicbox-demo-'))
    try {
      const stores = ['--data', data, '--backend', 'cluster', '--config', await clusterFile(await cluster())]
      const size = ['--users', '100', '--songs', '500', '--days', '1', '--listeners', '10', '--duration', '3s']
      const args = ['demo', ...stores, ...size, '--event-port', '0', '--report-port', '0', '--exit', '--json']
      const { out, err } = await captured(musicbox, args, { now: Date.now })
      const result = JSON.parse(out)
      assert.ok(result.accepted > 50, err)
      assert.equal(result.reported, result.accepted)
      assert.deepEqual([result.lost, result.doubled, result.proof.verdict], [0, 0, 'PROVEN'], err)
      // Whether the generator was fit to measure is not asked: the cluster has the machine to itself.
    } finally {
      await rm(data, { recursive: true, force: true })
    }
  })
})
