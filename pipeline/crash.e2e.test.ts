/** Exactly once, for real: the processes of the whole way are killed at random moments while listeners are at it. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Draws, sfc32 } from '../datasets/random.ts'
import { freePort } from '../observability/free-port.ts'
import type { Proof } from './verify.command.ts'

const MUSICBOX = fileURLToPath(new URL('../musicbox.ts', import.meta.url))
const KILLS = 10

describe('exactly once', () => {
  it(`holds when event server, collector and night job are each killed at ${KILLS} random moments`, async () => {
    const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31))
    console.log(`SEED=${seed}`)
    const draws = sfc32([seed, 1, 2, 3])
    const data = await mkdtemp(join(tmpdir(), 'musicbox-crash-'))
    const port = await freePort()
    let server: ChildProcess | undefined
    try {
      await run(['simulate', '--data', data, '--users', '200', '--songs', '500', '--days', '3'])
      const serve = ['serve', 'events', '--data', data, '--event-port', String(port), '--event-metrics-port', '0']
      server = await startServer(serve)

      const load = run(
        [
          ...['load', '--data', data, '--listeners', '20', '--duration', '25s', '--allow-invalid'],
          ...['--event-api', `http://127.0.0.1:${port}`],
        ],
        // Thresholds are missed when the server is away so often; that is not what is tested.
        [0, 99],
      )
      const killServer = async (): Promise<void> => {
        for (let kills = 0; kills < KILLS; kills++) {
          await wait(300 + draws.below(1500))
          server!.kill('SIGKILL')
          await once(server!, 'exit')
          server = await startServer(serve)
        }
      }
      const [, collectorKills, nightKills] = await Promise.all([
        killServer(),
        killAgainAndAgain(['collect', '--data', data], draws),
        killAgainAndAgain(['aggregate', '--data', data], draws),
      ])
      await load

      await run(['collect', '--data', data])
      await run(['aggregate', '--data', data])
      const proof = JSON.parse(await run(['verify', '--data', data, '--json'], [0, 1])) as Proof
      const figures = `SEED=${seed} ${JSON.stringify({ ...proof, audit: undefined })}`
      assert.equal(collectorKills, KILLS)
      assert.equal(nightKills, KILLS)
      assert.ok(proof.accepted > 1000, figures)
      assert.equal(proof.reported, proof.accepted, figures)
      assert.equal(proof.lost, 0, figures)
      assert.equal(proof.doubled, 0, figures)
      assert.equal(proof.refused_but_present, 0, figures)
      assert.deepEqual(proof.audit.mismatches, [], figures)
      assert.equal(proof.verdict, 'PROVEN', figures)
    } finally {
      if (server && server.exitCode === null && server.signalCode === null) {
        server.kill('SIGKILL')
        await once(server, 'exit')
      }
      await rm(data, { recursive: true, force: true })
    }
  })
})

/** Starts a job over and over and kills it at a random moment of its life. @returns how often it was killed at work */
async function killAgainAndAgain(args: readonly string[], draws: Draws): Promise<number> {
  let kills = 0
  // A run that ends before its moment comes is no kill; the bound keeps a broken job from running for ever.
  for (let runs = 0; runs < 20 * KILLS && kills < KILLS; runs++) {
    const job = musicbox(args)
    const exited = once(job, 'exit')
    await Promise.race([wait(150 + draws.below(900)), exited])
    if (job.kill('SIGKILL') && (await exited)[1] === 'SIGKILL') kills++
  }
  return kills
}

async function startServer(args: readonly string[]): Promise<ChildProcess> {
  const server = musicbox(args)
  const failed = once(server, 'exit').then(([code]) => {
    throw new Error(`the event server ended with ${code} before it was ready`)
  })
  await Promise.race([once(server.stdout!, 'data'), failed])
  failed.catch(() => {})
  return server
}

async function run(args: readonly string[], expected: readonly number[] = [0]): Promise<string> {
  const child = musicbox(args)
  let stdout = ''
  let stderr = ''
  child.stdout!.on('data', (chunk) => (stdout += chunk))
  child.stderr!.on('data', (chunk) => (stderr += chunk))
  const [code] = await once(child, 'close')
  assert.ok(expected.includes(code), `musicbox ${args.join(' ')} ended with ${code}: ${stderr}${stdout.slice(0, 2000)}`)
  return stdout
}

function musicbox(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [MUSICBOX, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
