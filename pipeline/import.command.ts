/** `musicbox import`: events from files, the seed's own lines among them; and users from its CSV. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Command } from 'commander'
import { command } from '../datasets/command.ts'
import { formatCount, type Host, printJson, progress } from '../datasets/host.ts'
import { cachedArtistOf } from './artist-lookup.ts'
import { openEmbeddedBackend } from './backend.ts'
import { importEvents } from './import-events.ts'
import { importUsers } from './import-users.ts'

export function importCommand(host: Host): Command {
  return command('import', 'take in events (JSON objects, also the seed’s own lines) or users (CSV)')
    .argument('<file>', 'the file; - for standard input')
    .option(
      '--users',
      'the file is a CSV of users: uid,fname,lname,email,created,last_login,zip,birth,gender,active,ip',
    )
    .option('--rejects <file>', 'where refused objects go, with byte offset and reason (default: FILE.rejects.ndjson)')
    .action(async (file: string, options: { data: string; json?: boolean; users?: boolean; rejects?: string }) => {
      // placeholder
    })
}
