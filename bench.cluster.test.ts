/** The benchmark of both backends runs small, and both end with the same bytes. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { captured } from './datasets/command.suite.ts'
import { musicbox } from './musicbox.ts'
import { describeOnCluster } from './pipeline/cluster/test-cluster.suite.ts'

describeOnCluster('the benchmark of both backends', () => {
  it('runs small: equal digests, and a figure for every stage', async () => {
    const config = process.env['MUSICBOX_TEST_CLUSTER']!
    const { exit, out, err } = await captured(
      musicbox,
      ['bench', 'pipeline', '--events', '2000', '--config', config, '--json'],
      { now: Date.now },
    )
    assert.equal(exit, 0, err)
    const figures = JSON.parse(out)
    assert.ok(figures.events > 1000, out)
    assert.equal(figures.digests_equal, true, out)
    assert.equal(figures.raw_bytes_equal, true, out)
    for (const stage of ['append', 'collect', 'night', 'publish']) {
      assert.ok(figures.core_s_per_million[stage].cluster > 0, `${stage}: ${out}`)
    }
    assert.ok(figures.kafka_to_hdfs_events_per_s > 0 && figures.embedded_events_per_s > 0, out)
  })
})
