/** Tsung in one Erlang machine: sessions that never end, without thinking times, and its own statistics. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BODY, CONNECTIONS } from '../request.ts'
import type { Peer } from './peer.ts'

export const tsung: Peer = {
  package: 'tsung',
  program: 'tsung',
  async command({ port, seconds, folder }) {
    const file = join(folder, 'tsung.xml')
    await writeFile(file, configuration(port, seconds))
    // Erlang would leave its name server behind as a daemon; one that is ours already ends with the rest.
    const both = 'epmd >/dev/null 2>&1 & sleep 0.2; exec "$@"'
    // HOME: it keeps its cookie and logs there. -n: no web page.
    return { args: ['-f', file, '-l', folder, '-n', 'start'], shell: both, env: { HOME: folder } }
  },
}

function configuration(port: number, seconds: number): string {
  const contents = BODY.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="warning">
  <clients><client host="localhost" use_controller_vm="true" maxusers="${2 * CONNECTIONS}"/></clients>
  <servers><server host="127.0.0.1" port="${port}" type="tcp"/></servers>
  <load duration="${seconds}" unit="second">
    <arrivalphase phase="1" duration="${seconds}" unit="second">
      <users maxnumber="${CONNECTIONS}" arrivalrate="${CONNECTIONS}" unit="second"/>
    </arrivalphase>
  </load>
  <sessions>
    <session name="play" probability="100" type="ts_http">
      <for from="1" to="1000000000" var="i">
        <request>
          <match do="continue" when="nomatch">202</match>
          <http url="/v1/events" method="POST" version="1.1" content_type="application/json" contents="${contents}"/>
        </request>
      </for>
    </session>
  </sessions>
</tsung>
`
}
