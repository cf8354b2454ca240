import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readClusterConfig } from '../cluster-config.ts'
import { DOCKER_SITE, dockerCompose } from './docker-compose.ts'
import { clusterConfigOf, planCluster } from './plan-cluster.ts'

const REPAIR = 'run: npx node pipeline/cluster/launcher/docker-compose.build.ts'
const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))

/** Its form is all that is checked: neither a Docker engine nor its compose plugin is at hand. */
describe('the cluster for Docker', () => {
  it('is what the code makes', async () => {
    assert.equal(await readFile(path('docker-compose.yaml'), 'utf8'), dockerCompose(), REPAIR)
    assert.deepEqual(await readClusterConfig(path('docker-cluster.json')), clusterConfigOf(DOCKER_SITE), REPAIR)
  })

  it('has every service, each with an image and every file that its plan names', () => {
    const text = dockerCompose()
    for (const { name, files } of planCluster(DOCKER_SITE)) {
      const [, body = ''] = new RegExp(`\\n  "?${name}"?:\\n((?: {4}.*\\n)+)`).exec(text) ?? []
      assert.match(body, /^ {4}image: "[\w/]+:[\d.]+"$/m, name)
      for (const file of files) {
        assert.ok(body.includes(`source: "${name}-${file.name}"`), `${name}-${file.name}`)
        assert.match(
          text,
          new RegExp(`\\n  "?${name}-${file.name.replaceAll('.', '\\.')}"?:\\n    content: (?:\\|-\\n|"\\S)`),
        )
      }
    }
  })

  it('holds no dollar sign, which compose would take for a variable', () => {
    assert.doesNotMatch(dockerCompose(), /\$/)
  })
})
