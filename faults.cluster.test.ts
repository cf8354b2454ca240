/** The short set of the fault matrix, on the real services. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runCommand } from './datasets/command.suite.ts'
import type { Host } from './datasets/host.ts'
import { faultsCommand, type Matrix } from './faults.ts'
import { describeOnCluster } from './pipeline/cluster/test-cluster.suite.ts'

const PROGRAM = fileURLToPath(new URL('./musicbox.ts', import.meta.url))

describeOnCluster('the fault matrix, in short, on the real services', () => {
  it('loses no event and doubles none', async () => {
    // The test's own cluster: struck through the state file that stands beside its addresses.
    const matrix = await faults(['--backend', 'cluster', '--config', process.env['MUSICBOX_TEST_CLUSTER']!, '--quick'])
    const figures = JSON.stringify(matrix, null, 1)
    assert.deepEqual([matrix.lost, matrix.doubled, matrix.verdict], [0, 0, 'HELD'], figures)
    assert.ok(
      matrix.rows.every(({ verdict, acked, strikes }) => verdict === 'HELD' && acked! > 0 && strikes! > 0),
      figures,
    )
  })
})

async function faults(args: readonly string[]): Promise<Matrix> {
  const command = (host: Host) => faultsCommand(host, PROGRAM)
  const ran = await runCommand(command, ['faults', ...args, '--json'], { env: process.env, now: Date.now })
  console.log(ran.err)
  return JSON.parse(ran.out) as Matrix
}
