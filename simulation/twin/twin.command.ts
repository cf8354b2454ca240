/** `musicbox twin`: what turning a knob, or adding a shock, does to a scenario: the true effect. */
import { writeFile } from 'node:fs/promises'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { command, wholeNumber } from '../../datasets/command.ts'
import { addDays, type Day, daysBetween, HOUR_MS } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { formatCount, type Host, printJson } from '../../datasets/host.ts'
import { checkScenario, type Scenario } from '../scenario/scenario.ts'
import { loadScenario } from '../scenario/shipped.ts'
import { worldOf } from '../scenario/world-of.ts'
import { MEASURES } from './measure.ts'
import { compareTwins, type TwinComparison } from './twin.ts'

interface TwinOptions {
  scenario: string
  knob: string[]
  shock: string[]
  users: number
  days: number
  effects?: string
  json?: boolean
}

export function twinCommand(host: Host): Command {
  return command('twin', 'turn a knob or add a shock, and see the true effect on the same listeners', { data: false })
    .requiredOption('--scenario <name>', 'a shipped scenario, or a file that ends in .json')
    .option('--knob <name=value>', 'a knob of the twin, like skip=1.2; may be given again', collect, [])
    .option('--shock <fields>', 'a shock of the twin, like kind=viral,song=7,day=2025-03-02,…', collect, [])
    .option('--users <count>', 'the first listeners of the scenario', wholeNumber(1, 100_000_000), 1_000)
    .option('--days <count>', 'days, from a week before the first shock of the twin on', wholeNumber(1, 36_500), 92)
    .option('--effects <file>', 'write the effect on each user there, as CSV')
    .action(async (options: TwinOptions) => {
      const scenario = loadScenario(options.scenario)
      const twin = twinOf(scenario, options.knob, options.shock)
      const [a, b] = [worldOf(scenario), worldOf(twin)]
      const added = twin.shocks.slice(scenario.shocks.length).map((shock) => onsetOf(shock))
      const days = daysToCompare(a, options.days, added)
      const users = { first: 0, count: Math.min(options.users, a.world.userCount) }
      const comparison = compareTwins(a.world, b.world, days, users, host.signal)
      if (options.effects !== undefined) await writeFile(options.effects, effectsCsv(comparison))
      if (options.json) printJson(host, resultOf(scenario, options, days, comparison))
      else host.stdout.write(tableOf(days, comparison))
    })
}

/** @throws ScenarioError that names an unknown knob or a wrong field of a shock */
function twinOf(scenario: Scenario, knobs: readonly string[], shocks: readonly string[]): Scenario {
  const turned = knobs.map((text) => {
    const [name, value] = pairIn(text, '--knob')
    return [name, Number(value)] as const
  })
  const added = shocks.map((text, i) => ({ name: `of the twin, ${i + 1}`, ...fieldsIn(text) }))
  const twin = {
    ...scenario,
    knobs: { ...scenario.knobs, ...Object.fromEntries(turned) },
    shocks: [...scenario.shocks, ...added],
  }
  return checkScenario(twin, `the twin of ${scenario.name}`)
}

/** `kind=viral,song=rank:3,size=2`: numbers are numbers, and `rank:3` is a rank. */
function fieldsIn(text: string): Record<string, unknown> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [name, value] = pairIn(part, '--shock')
      const rank = /^rank:(\d+)$/.exec(value)
      if (rank) return [name, { rank: Number(rank[1]) }]
      return [name, /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value]
    }),
  )
}

function pairIn(text: string, option: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0 && at < text.length - 1) return [text.slice(0, at).trim(), text.slice(at + 1).trim()]
  throw new MusicboxError('input.invalid', `expected ${option} to hold name=value, got "${text}"`)
}

function onsetOf(shock: Scenario['shocks'][number]): Day {
  return shock.kind === 'outage' ? shock.from.slice(0, 10) : shock.day
}

function daysToCompare(
  { firstDay, lastDay }: { firstDay: Day; lastDay: Day },
  count: number,
  onsets: readonly Day[],
): Day[] {
  const onset = [...onsets].sort()[0]
  const wanted = onset === undefined ? firstDay : addDays(onset, -7)
  const first = wanted < firstDay ? firstDay : wanted
  const last = addDays(first, count - 1)
  return daysBetween(first, last > lastDay ? lastDay : last)
}

function resultOf(
  scenario: Scenario,
  { knob, shock }: TwinOptions,
  days: readonly Day[],
  { events, bytes_differing, differs, effects, byDay, byUser, users }: TwinComparison,
): object {
  return {
    scenario: scenario.name,
    knobs: knob,
    shocks: shock,
    first_day: days[0],
    last_day: days.at(-1),
    users,
    events,
    bytes_differing,
    differs,
    users_affected: byUser.length,
    effects,
    by_day: byDay,
  }
}

function tableOf(days: readonly Day[], { users, bytes_differing, effects, differs, byUser }: TwinComparison): string {
  const span = `${formatCount(users)} listeners, ${days[0]} to ${days.at(-1)}`
  if (bytes_differing === 0) return `${span}: the twins differ in no byte\n`
  const table = new Table({
    head: ['measure', 'as it is', 'twin', 'effect', 'relative', 'users more', 'users fewer'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  for (const measure of MEASURES) {
    const { a, b, effect, relative, users_more, users_fewer } = effects[measure]
    const share = relative === null ? '–' : `${(100 * relative).toFixed(2)} %`
    // People read hours.
    const [label, unit] = measure === 'listened_ms' ? ['hours listened', HOUR_MS] : [measure, 1]
    table.push([
      label,
      formatCount(a / unit),
      formatCount(b / unit),
      formatCount(effect / unit),
      share,
      formatCount(users_more),
      formatCount(users_fewer),
    ])
  }
  const concerns = Object.entries(differs).filter(([, count]) => count > 0)
  const otherwise = concerns.map(([concern, count]) => `${concern} ${formatCount(count)}`).join(', ')
  return `${span}\n${table.toString()}\n${formatCount(byUser.length)} listeners affected; otherwise: ${otherwise}\n`
}

function effectsCsv({ byUser }: TwinComparison): string {
  const lines = byUser.map(({ uid, effect }) => [uid, ...MEASURES.map((measure) => effect[measure])].join(','))
  return `${['uid', ...MEASURES].join(',')}\n${lines.map((line) => `${line}\n`).join('')}`
}

function collect(text: string, before: string[]): string[] {
  return [...before, text]
}
