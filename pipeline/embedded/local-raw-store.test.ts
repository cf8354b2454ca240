import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { MusicboxError } from '../../datasets/failure.ts'
import { bytesOf, rawStoreSuite } from '../raw-store.suite.ts'
import { openLocalRawStore } from './local-raw-store.ts'

const folders: string[] = []
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'musicbox-raw-'))
  folders.push(folder)
  return folder
}

rawStoreSuite('local folder', async () => {
  const folder = await temporaryFolder()
  return {
    raw: await openLocalRawStore(folder),
    reopen: () => openLocalRawStore(folder),
    cleanUp: async () => {},
  }
})

/** A process that publishes for ever, and says each path once it is published. */
const PUBLISHER = `
  import { openLocalRawStore } from ${JSON.stringify(new URL('./local-raw-store.ts', import.meta.url).href)}
  const raw = await openLocalRawStore(process.argv[1])
  for (let at = 0; ; at++) {
    await raw.publish('d' + (at % 3) + '/' + at, Buffer.alloc(200_000, String(at)))
    console.log('d' + (at % 3) + '/' + at)
  }
`

describe('local raw store', () => {
  it('kill -9: what was published is whole, what was not is not seen, and what is left is swept', async () => {
    const folder = await temporaryFolder()
    const published: string[] = []
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', PUBLISHER, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child.stdout.on('data', (data) => published.push(...String(data).trim().split('\n')))
    while (published.length < 20) await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'close')
    // A dead process's file, whether or not the kill hit the moment; and one of a process that lives.
    await writeFile(join(folder, '.unfinished', `${child.pid}-99999`), 'half')
    await writeFile(join(folder, '.unfinished', `${process.ppid}-1`), 'under way')

    const raw = await openLocalRawStore(folder)
    assert.deepEqual(await readdir(join(folder, '.unfinished')), [`${process.ppid}-1`])
    const seen: string[] = []
    for (const name of await raw.list('')) seen.push(...(await raw.list(name)).map((file) => `${name}/${file}`))
    for (const path of published) assert.ok(seen.includes(path), `lost ${path}`)
    assert.ok(seen.length <= published.length + 1)
    for (const path of seen) {
      const at = path.split('/')[1]!
      assert.deepEqual(Buffer.from(await raw.read(path)), Buffer.alloc(200_000, at))
    }
  })

  it('says so when the folder cannot be used', async () => {
    const file = join(await temporaryFolder(), 'taken')
    await writeFile(file, 'not a folder')
    await assert.rejects(
      openLocalRawStore(file),
      (error) => error instanceof MusicboxError && error.code === 'backend.unreachable',
    )
  })

  it('answers backend.full when there is no room, and shows nothing of the file', {
    skip: process.platform === 'win32' && 'file size limits need a POSIX shell',
  }, async () => {
    const folder = await temporaryFolder()
    const script = `
      import { openLocalRawStore } from ${JSON.stringify(new URL('./local-raw-store.ts', import.meta.url).href)}
      const raw = await openLocalRawStore(process.argv[1])
      await raw.publish('small', Buffer.alloc(10))
      await raw.publish('large', Buffer.alloc(900_000)).catch(({ code }) => console.log(code))
      console.log((await raw.list('')).join())
    `
    const args = ['--input-type=module-typescript', '-e', script, folder]
    const child = spawn('bash', ['-c', 'ulimit -f 500; exec "$0" "$@"', process.execPath, ...args])
    let output = ''
    child.stdout.on('data', (data) => {
      output += data
    })
    await once(child, 'close')
    assert.equal(output, 'backend.full\nsmall\n')
    assert.deepEqual(await readdir(join(folder, '.unfinished')), [])
  })

  it('publishes many files of one folder at once', async () => {
    const raw = await openLocalRawStore(await temporaryFolder())
    const names = Array.from({ length: 60 }, (_, at) => String(at).padStart(3, '0'))
    await Promise.all(names.map((name) => raw.publish(`a/b/c/${name}`, bytesOf(name, 2))))
    assert.deepEqual(await raw.list('a/b/c'), names)
  })
})
