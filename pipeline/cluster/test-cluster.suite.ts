/**
 * The cluster that tests run against: `MUSICBOX_TEST_CLUSTER` names its `cluster.json`; `npm test` starts one and sets it.
 * Without it these tests are skipped, or fail where `MUSICBOX_REQUIRE_CLUSTER` is set.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { type ClusterConfig, readClusterConfig } from './cluster-config.ts'
import { removeNamespace } from './remove-namespace.ts'

/**
 * A suite of tests on the real services.
 * @param define gets a function that gives the cluster under a namespace that nobody else uses and that goes when the suite
 *   has ended; call it in a hook
 */
export function describeOnCluster(name: string, define: (cluster: () => Promise<ClusterConfig>) => void): void {
  const path = process.env['MUSICBOX_TEST_CLUSTER']
  if (path) {
    describe(name, () => {
      const given: ClusterConfig[] = []
      define(async () => {
        const config = { ...(await readClusterConfig(path)), namespace: freshNamespace() }
        given.push(config)
        return config
      })
      // After the suite's own hooks, which close what they have opened there.
      after(async () => {
        for (const config of given) await removeNamespace(config)
      })
    })
    return
  }
  const why = 'no cluster: Java and Maven are needed, see "The real cluster" in the README'
  if (process.env['MUSICBOX_REQUIRE_CLUSTER']) {
    it(name, () => {
      throw new Error(why)
    })
  } else it(name, { skip: why }, () => {})
}

/** Writes a cluster's addresses to a file of their own, for what takes a path. */
export async function clusterFile(config: ClusterConfig): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'musicbox-cluster-')), 'cluster.json')
  await writeFile(path, JSON.stringify(config))
  return path
}

function freshNamespace(): string {
  return `t${randomBytes(6).toString('hex')}`
}
