/** The generators that ours is measured beside. */
import { access, constants, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { runSeconds, type SendRate, sendRate, startAlone } from '../send-rate.ts'
import type { Target } from '../target-process.ts'
import { k6 } from './k6.ts'
import { locust } from './locust.ts'
import type { Peer } from './peer.ts'
import { tsung } from './tsung.ts'
import { wrk } from './wrk.ts'

export const PEERS = { wrk, locust, tsung, k6 } satisfies Record<string, Peer>

/** @returns null where the program is not there or did not work, which is said on standard error */
export async function peerRate(name: keyof typeof PEERS, target: Target, seconds: number): Promise<SendRate | null> {
  const peer: Peer = PEERS[name]
  const program = await findProgram(peer.program)
  if (!program) {
    console.error(`bench: ${name} is not on PATH, so it is left out; package: ${peer.package}`)
    return null
  }
  const folder = await mkdtemp(join(tmpdir(), `musicbox-${name}-`))
  try {
    const { args, shell, env } = await peer.command({ port: target.port, seconds: runSeconds(seconds), folder })
    const [run, ...rest] = shell ? ['/bin/sh', '-c', shell, 'sh', program, ...args] : [program, ...args]
    return await sendRate(() => startAlone(run!, rest, env), target, seconds)
  } catch (error) {
    console.error(`bench: ${name} was left out: ${(error as Error).message}`)
    return null
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function findProgram(program: string): Promise<string | undefined> {
  const places = program.includes('/')
    ? [program]
    : (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program))
  for (const place of places) {
    const runs = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) return place
  }
  return undefined
}
