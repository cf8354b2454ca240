/** `musicbox score`: how good an analysis of a history is, since the truth behind it is known. */
import { writeFile } from 'node:fs/promises'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { command, wholeNumber } from '../../datasets/command.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { type Host, printJson } from '../../datasets/host.ts'
import { chosenHistory, type HistoryOptions, withHistoryOptions } from '../truth/chosen-history.ts'
import { csvLine } from '../truth/csv-line.ts'
import { parseAnswers, readAnswers } from './answer-file.ts'
import { CHANGE_POINT } from './change-point.ts'
import { CHURN } from './churn.ts'
import { BOTS, DEDUP, type DirtTask, scoreDirt } from './dirt-found.ts'
import { HALF_LIFE } from './half-life.ts'
import { PEAK_DAY } from './peak-day.ts'
import { SEGMENT, TASTE } from './segment.ts'
import type { Score, ScoredHistory, Task } from './task.ts'

/** What is asked of a history. */
export const TASKS: Readonly<Record<string, Task>> = {
  'peak-day': PEAK_DAY,
  'half-life': HALF_LIFE,
  churn: CHURN,
  segment: SEGMENT,
  taste: TASTE,
  'change-point': CHANGE_POINT,
}

/** What is asked of dirty files. */
export const DIRT_TASKS: Readonly<Record<string, DirtTask>> = { dedup: DEDUP, bots: BOTS }

interface ScoreCommandOptions extends HistoryOptions {
  baseline?: string
  out?: string
  key?: string
  worst: number
  json?: boolean
}

export function scoreCommand(host: Host): Command {
  return withHistoryOptions(command('score', 'score an analysis of a history against the truth it was made from'))
    .argument('[task]', [...Object.keys(TASKS), ...Object.keys(DIRT_TASKS)].join(', '))
    .argument('[answers]', 'CSV file with a header')
    .option('--baseline <task>', 'write naive answers to start from, and the form of a file of answers')
    .option('--out <file>', 'where to write them (default: standard output)')
    .option('--key <file>', 'answer key of dirty files, for dedup and bots')
    .option('--worst <count>', 'how many of the worst answers to show', wholeNumber(0, 1_000), 10)
    .addHelpText('after', tasksHelp())
    .action(async (name: string | undefined, answersPath: string | undefined, options: ScoreCommandOptions) => {
      if (options.baseline !== undefined) return writeBaseline(host, options.baseline, options)
      if (name === undefined || answersPath === undefined) {
        throw new MusicboxError(
          'input.invalid',
          'expected a task and a file of answers, or --baseline and a task',
          'musicbox score --baseline peak-day --out answers.csv; musicbox score peak-day answers.csv',
        )
      }
      const dirt = DIRT_TASKS[name]
      const scored = dirt
        ? { score: await scoreDirt(dirt, answersPath, keyOf(options)) }
        : await scoreTask(host, taskNamed(name), answersPath, options)
      report(host, name, scored, options)
    })
}

interface Scored {
  score: Score
  /** Of the naive answers. */
  baseline?: number
  /** The best that events can tell, where that is known. */
  ceiling?: number
}

async function scoreTask(host: Host, task: Task, answersPath: string, options: ScoreCommandOptions): Promise<Scored> {
  const answers = await readAnswers(answersPath, task.columns)
  const history = await scoredHistory(host, options)
  const score = task.score(history, answers, answersPath)
  return {
    score,
    baseline: scoreOf(task, history, await task.baseline(history)),
    ...(task.ceiling && { ceiling: scoreOf(task, history, task.ceiling(history)) }),
  }
}

/** The score of answers that we make ourselves. */
export function scoreOf(task: Task, history: ScoredHistory, rows: readonly string[][]): number {
  return task.score(history, parseAnswers(csvOf(task, rows), task.columns, 'own answers'), 'own answers').score
}

function csvOf(task: Task, rows: readonly string[][]): string {
  return [task.columns, ...rows].map((row) => csvLine(row)).join('')
}

async function writeBaseline(host: Host, name: string, options: ScoreCommandOptions): Promise<void> {
  const task = taskNamed(name)
  const history = await scoredHistory(host, options)
  const rows = await task.baseline(history)
  if (options.out === undefined) {
    host.stdout.write(csvOf(task, rows))
    return
  }
  await writeFile(options.out, csvOf(task, rows))
  if (options.json) printJson(host, { task: name, out: options.out, answers: rows.length })
  else host.stdout.write(`${rows.length} naive answers in ${options.out}: ${task.question}\n`)
}

async function scoredHistory({ signal }: Host, options: ScoreCommandOptions): Promise<ScoredHistory> {
  return { ...(await chosenHistory(options)), signal }
}

/** @throws MusicboxError `input.invalid` */
function taskNamed(name: string): Task {
  const task = Object.hasOwn(TASKS, name) ? TASKS[name] : undefined
  if (task) return task
  throw new MusicboxError('input.invalid', `expected a task of ${Object.keys(TASKS).join(', ')}, got "${name}"`)
}

function keyOf({ key }: ScoreCommandOptions): string {
  if (key !== undefined) return key
  throw new MusicboxError(
    'input.invalid',
    'expected --key with the answer key of the dirty files',
    'it is called dirt.csv',
  )
}

function report(host: Host, name: string, { score, baseline, ceiling }: Scored, options: ScoreCommandOptions): void {
  const worst = score.worst.slice(0, options.worst)
  if (options.json) {
    printJson(host, {
      ...{ task: name, score: score.score, baseline_score: baseline ?? null, ceiling_score: ceiling ?? null },
      ...{ questions: score.questions, answered: score.answered, unasked: score.unasked, ...score.details, worst },
    })
    return
  }
  const figures = [
    `${name}: ${score.score.toFixed(3)}  (1 is perfect, 0 what chance gives)`,
    ...(baseline === undefined ? [] : [`naive answers:  ${baseline.toFixed(3)}`]),
    ...(ceiling === undefined ? [] : [`the best there is to know:  ${ceiling.toFixed(3)}`]),
    `${score.answered} answers to ${score.questions} questions` +
      (score.unasked > 0 ? `, ${score.unasked} to what was not asked` : ''),
    ...Object.entries(score.details).map(([what, value]) => `${what}: ${Number(value.toFixed(3))}`),
  ]
  host.stdout.write(`${figures.join('\n')}\n`)
  if (worst.length === 0) return
  const columns = Object.keys(worst[0]!)
  const table = new Table({ head: columns, style: { head: [], border: [], compact: true } })
  for (const row of worst) table.push(columns.map((column) => shown(row[column]!)))
  host.stdout.write(`The worst:\n${table.toString()}\n`)
}

function shown(value: string | number): string {
  return typeof value === 'number' ? String(Number(value.toFixed(3))) : value
}

function tasksHelp(): string {
  const lines = Object.entries({ ...TASKS, ...DIRT_TASKS }).map(
    ([name, { question, columns }]) => `  ${name.padEnd(13)} ${question} Columns: ${columns.join(', ')}`,
  )
  return `\nTasks:\n${lines.join('\n')}\n`
}
