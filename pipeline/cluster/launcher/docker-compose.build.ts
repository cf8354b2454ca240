/** `node pipeline/cluster/launcher/docker-compose.build.ts`: writes `docker-compose.yaml` and the addresses of its cluster. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DOCKER_SITE, dockerCompose } from './docker-compose.ts'
import { clusterConfigOf } from './plan-cluster.ts'

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

writeFileSync(path('../docker-compose.yaml'), dockerCompose())
writeFileSync(path('../docker-cluster.json'), JSON.stringify(clusterConfigOf(DOCKER_SITE)))
// The repository's formatter has its own mind about short arrays, and its check covers this file too.
execFileSync(path('../../../node_modules/.bin/biome'), ['format', '--write', path('../docker-cluster.json')])
