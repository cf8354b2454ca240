import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import {
  type ClusterState,
  clusterFolder,
  readClusterBirth,
  readClusterState,
  writeClusterBirth,
  writeClusterState,
} from './cluster-state.ts'

const STATE: ClusterState = {
  supervisor_pid: 100,
  topology: { brokers: 1, datanodes: 1, regionservers: 1 },
  base_port: 19_000,
  services: [
    { name: 'kafka-1', state: 'ready', pid: 101, ports: { clients: 19_020 }, restarts: 0, since_ms: 5 },
    { name: 'namenode', state: 'waiting', ports: { rpc: 19_000 }, restarts: 2, since_ms: 6 },
  ],
}

describe('the state of a cluster', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musicbox-cluster-'))
  })
  afterEach(async () => await rm(folder, { recursive: true, force: true }))

  it('reads as it was written, and leaves no draft behind', async () => {
    writeClusterState(folder, STATE)
    assert.deepEqual(await readClusterState(folder), STATE)
    assert.deepEqual(await readdir(folder), ['state.json'])
  })

  it('is nothing where no cluster ran', async () => {
    assert.equal(await readClusterState(folder), undefined)
    assert.equal(await readClusterState(join(folder, 'not-there')), undefined)
    assert.equal(await readClusterBirth(folder), undefined)
  })

  it('is refused when somebody has written something else', async () => {
    for (const text of ['{', '{}', JSON.stringify({ ...STATE, supervisor_pid: -1 })]) {
      await writeFile(join(folder, 'state.json'), text)
      await assert.rejects(readClusterState(folder), { code: 'data.corrupt' })
    }
  })

  it('keeps what the data was made for', async () => {
    const birth = { topology: STATE.topology, base_port: 19_000, kafka_cluster_id: 'AAAAAAAAAAAAAAAAAAAAAA' }
    writeClusterBirth(folder, birth)
    assert.deepEqual(await readClusterBirth(folder), birth)
  })

  it('lies in a folder that is named in full, as processes carry its name', () => {
    assert.ok(isAbsolute(clusterFolder('data')))
    assert.equal(clusterFolder('/data'), '/data/cluster')
  })
})
