/** Dirt in a scenario: what is wrong with the events that a reader gets, over clean ones that stay as they were. */
import { z } from 'zod'
import type { Dirt } from '../dirt/dirt.ts'
import { shareField, wholeField } from './field.ts'

export const dirtSchema = z
  .strictObject(
    {
      duplicates: shareField('Events that arrive twice, under the same id.').default(0),
      late: shareField('Events that arrive late.').default(0),
      late_ms_max: wholeField(0, 2_592_000_000, 'The latest of them, ms after the event; at most 30 days.').default(0),
      clock_skew: shareField('Listeners whose clock is wrong.').default(0),
      clock_skew_ms_max: wholeField(0, 86_400_000, 'How far a clock is wrong at most, ms either way.').default(0),
      missing_fields: shareField('Events that lack a field.').default(0),
      bots: shareField('Further users who are no people, relative to the listeners.').default(0),
      truncated_files: shareField('Files whose last line is cut.').default(0),
    },
    'expected an object of dirt, like { "duplicates": 0.01 }',
  )
  .meta({ description: 'What is wrong with the events; none of it unless given.' }) satisfies z.ZodType<Dirt>
