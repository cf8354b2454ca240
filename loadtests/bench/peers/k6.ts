/** Real k6, where there is one: the very script that the embedded engine runs. It uses all cores unless told otherwise. */
import { fileURLToPath } from 'node:url'
import { BODY, CONNECTIONS } from '../request.ts'
import type { Peer } from './peer.ts'

const SCRIPT = fileURLToPath(new URL('../scripts/post.ts', import.meta.url))

export const k6: Peer = {
  package: 'k6 (not in Debian; K6_BIN may name it)',
  program: process.env['K6_BIN'] || 'k6',
  async command({ port, seconds }) {
    const env = { URL: `http://127.0.0.1:${port}/v1/events`, BODY, VUS: CONNECTIONS, DURATION_MS: seconds * 1000 }
    const settings = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`])
    return { args: ['run', '--quiet', '--no-usage-report', '--address', '', ...settings, SCRIPT] }
  },
}
