/** `musicbox plan`: what a load would need of a cluster. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { command } from '../datasets/command.ts'
import { type Host, printJson } from '../datasets/host.ts'
import { planCapacity } from './plan/capacity-plan.ts'
import { type Choices, DEFAULT_CHOICES } from './plan/choices.ts'
import { MEASURED } from './plan/measured.ts'
import { planText } from './plan/plan-text.ts'

interface PlanOptions {
  eventsPerDay: number[]
  json?: boolean
  [choice: string]: unknown
}

/** Each choice as an option: what it is called, what it says, and its least and greatest value. */
const OPTIONS: { [name in keyof Choices]: [flag: string, words: string, min: number, max: number] } = {
  peak: ['--peak <factor>', 'events/s in the busiest hour, over the mean of a day', 1, 1000],
  headroom: ['--headroom <share>', 'share of each machine that is kept free', 0, 0.95],
  replication: ['--replication <copies>', 'copies of each byte in Kafka and HDFS', 1, 7],
  log_days: ['--log-days <days>', 'how long events stay in Kafka', 1, 3650],
  raw_days: ['--raw-days <days>', 'how long raw files stay in HDFS', 1, 36_500],
  table_days: ['--table-days <days>', 'how long day rows stay in HBase', 1, 36_500],
  songs: ['--songs <count>', 'songs in the catalogue', 1, 1e12],
  night_hours: ['--night-hours <hours>', 'time in which a day must be aggregated', 0.1, 24],
  cores: ['--cores <count>', 'cores of a machine', 1, 1024],
  disk_tb: ['--disk-tb <size>', 'disk of a machine, TB', 0.01, 10_000],
  network_gbit: ['--network-gbit <rate>', 'network of a machine, Gbit/s', 0.1, 1000],
  file_mb: ['--file-mb <size>', 'size that raw files should have, MB', 1, 10_000],
}

export function planCommand(host: Host): Command {
  const made = command('plan', 'machines, bytes and files that a load would need of a cluster', { data: false })
  made.addOption(
    new Option('--events-per-day <counts>', 'accepted events, as 10e9; several, set apart by commas, make columns')
      .argParser((text) => text.split(',').map(number(1, 1e15)))
      .makeOptionMandatory(),
  )
  for (const [name, [flag, words, min, max]] of Object.entries(OPTIONS)) {
    made.addOption(new Option(flag, words).argParser(number(min, max)).default(DEFAULT_CHOICES[name as keyof Choices]))
  }
  return made.action((options: PlanOptions, self: Command) => {
    const choices = choicesOf(self)
    const plans = options.eventsPerDay.map((events_per_day) => planCapacity(events_per_day, MEASURED, choices))
    if (options.json) return printJson(host, { choices, measured: MEASURED, plans })
    host.stdout.write(`${planText(plans, MEASURED, choices)}\n`)
  })
}

/** Commander knows `--log-days` as `logDays`. */
function choicesOf(self: Command): Choices {
  const values = self.opts<Record<string, number>>()
  const named = Object.keys(OPTIONS).map((name) => [
    name,
    values[name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())],
  ])
  return Object.fromEntries(named) as Choices
}

function number(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= min && value <= max)) {
      throw new InvalidArgumentError(`Expected a number from ${min} to ${max}.`)
    }
    return value
  }
}
