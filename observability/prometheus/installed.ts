/** Whether Prometheus' two programs are on this machine: its own tests are skipped where they are not. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Why a test that needs Prometheus is skipped; `false` when it runs. With `MUSICBOX_REQUIRE_PROMETHEUS=1` it always runs,
 * and fails where the programs are missing.
 */
export function skipWithoutPrometheus(env: Readonly<Record<string, string | undefined>>): string | false {
  if (env['MUSICBOX_REQUIRE_PROMETHEUS'] === '1') return false
  const missing = ['prometheus', 'promtool'].filter((program) => !isOnPath(program, env['PATH'] ?? ''))
  if (missing.length === 0) return false
  return `${missing.join(' and ')} not installed (Debian: apt-get install prometheus); MUSICBOX_REQUIRE_PROMETHEUS=1 makes this a failure`
}

function isOnPath(program: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
