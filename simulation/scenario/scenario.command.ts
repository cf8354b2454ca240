/** `musicbox scenario`: the scenarios that there are, one of them in full, and whether a file holds one. */
import Table from 'cli-table3'
import type { Command } from 'commander'
import { command } from '../../datasets/command.ts'
import { daysBetween } from '../../datasets/day.ts'
import { formatCount, type Host, printJson } from '../../datasets/host.ts'
import { type Scenario, scenarioJsonSchema } from './scenario.ts'
import { loadScenario, shippedNames } from './shipped.ts'
import { shockJson } from './shock-fields.ts'
import { worldOf } from './world-of.ts'

export function scenarioCommand(host: Host): Command {
  return command('scenario', 'list, show and check scenarios: worlds described in JSON', { data: false })
    .argument('<what>', 'list | show NAME | check FILE | schema')
    .argument('[name]', 'a shipped scenario, or a file that ends in .json')
    .action((what: string, name: string | undefined, options: { json?: boolean }, action: Command) => {
      const of = (): string => name ?? action.error(`error: expected a name or file after "scenario ${what}"`)
      if (what === 'list') return list(host, options)
      if (what === 'show') return show(host, loadScenario(of()))
      if (what === 'check') return check(host, loadScenario(of()), of(), options)
      if (what === 'schema') return void host.stdout.write(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`)
      return action.error(`error: expected list, show, check or schema, got "${what}"`)
    })
}

function list(host: Host, { json }: { json?: boolean }): void {
  const scenarios = shippedNames().map(loadScenario).map(summaryOf)
  if (json) {
    printJson(host, { scenarios })
    return
  }
  const table = new Table({
    head: ['name', 'users', 'songs', 'days', 'shocks', 'description'],
    colWidths: [null, null, null, null, null, 62],
    wordWrap: true,
    style: { head: [], border: [] },
  })
  for (const { name, users, songs, days, shocks, description } of scenarios) {
    table.push([name, formatCount(users), formatCount(songs), formatCount(days), shocks, description])
  }
  host.stdout.write(`${table.toString()}\n`)
}

/** With every default written out. */
function show(host: Host, scenario: Scenario): void {
  host.stdout.write(`${JSON.stringify(scenario, null, 2)}\n`)
}

/** Makes the world, too, which finds ranks that the catalogue does not have. */
function check(host: Host, scenario: Scenario, path: string, { json }: { json?: boolean }): void {
  const { world } = worldOf(scenario)
  const shocks = world.shocks.map(shockJson)
  if (json) {
    printJson(host, { valid: true, ...summaryOf(scenario), shocks })
    return
  }
  const { users, songs, first_day, last_day } = summaryOf(scenario)
  host.stdout.write(
    `${path} is a scenario: ${formatCount(users)} listeners over ${formatCount(songs)} songs, ` +
      `${first_day} to ${last_day}, ${shocks.length} shocks\n`,
  )
}

function summaryOf(scenario: Scenario) {
  const { name, description, profile, users, songs, first_day, shocks } = scenario
  const { lastDay } = worldOf({ ...scenario, shocks: [] })
  const days = daysBetween(first_day, lastDay).length
  return { name, description, profile, users, songs, first_day, last_day: lastDay, days, shocks: shocks.length }
}
