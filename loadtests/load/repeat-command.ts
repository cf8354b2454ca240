/** What to type to make a run again: the same events, on the same day. */
import type { Day } from '../../datasets/day.ts'

/**
 * The command line as it was typed, with what was chosen for the user when nothing was said: a label that is new each
 * time, and a day that is yesterday's.
 */
export function repeatCommand(args: readonly string[], chosen: { run: string; day: Day | undefined }): string[] {
  const isGiven = (flag: string): boolean => args.some((arg) => arg === flag || arg.startsWith(`${flag}=`))
  // Other commands that make a run have no such flags.
  if (args[0] !== 'load') return ['musicbox', ...args]
  return [
    'musicbox',
    ...args,
    ...(isGiven('--run') ? [] : ['--run', chosen.run]),
    ...(isGiven('--day') || chosen.day === undefined ? [] : ['--day', chosen.day]),
  ]
}
