/** `node pipeline/cluster/launcher/docker-compose.build.ts`: writes `docker-compose.yaml` and the addresses of its cluster. */
import { writeFileSync } from 'node:fs'
import { DOCKER_SITE, dockerCompose } from './docker-compose.ts'
import { clusterConfigOf } from './plan-cluster.ts'

writeFileSync(new URL('../docker-compose.yaml', import.meta.url), dockerCompose())
const addresses = JSON.stringify(clusterConfigOf(DOCKER_SITE), null, 2)
writeFileSync(new URL('../docker-cluster.json', import.meta.url), `${addresses}\n`)
