/** Which history a command is about: a scenario's, or the one that a data folder was made from. */
import type { Command } from 'commander'
import type { Day } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import type { World } from '../kernel/world.ts'
import { loadScenario } from '../scenario/shipped.ts'
import { worldOf } from '../scenario/world-of.ts'
import { readWorldFile } from '../world-file.ts'

export interface ChosenHistory {
  world: World
  /** Local days, both included. */
  firstDay: Day
  lastDay: Day
}

/** What {@link withHistoryOptions} adds to a command. */
export interface HistoryOptions {
  scenario?: string
  data: string
}

/** Lets a command take `--scenario`; it must have `--data` already. */
export function withHistoryOptions(command: Command): Command {
  return command.option('--scenario <name>', 'a shipped scenario, or a file that ends in .json, instead of --data')
}

/** @throws MusicboxError `not.found` when the data folder holds no history, and what reading a scenario throws */
export async function chosenHistory({ scenario, data }: HistoryOptions): Promise<ChosenHistory> {
  if (scenario !== undefined) return worldOf(loadScenario(scenario))
  const file = await readWorldFile(data)
  if (file) return { world: file.world, firstDay: file.world.firstDay, lastDay: file.lastDay }
  throw new MusicboxError(
    'not.found',
    `expected a history in ${data}, found none`,
    'name a scenario with --scenario, or a data folder with --data',
  )
}
