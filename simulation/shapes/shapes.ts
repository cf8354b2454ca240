/** The published shapes that a history can be exported in. */
import { exportEventsim } from './eventsim.ts'
import { exportLastfm1k } from './lastfm-1k.ts'
import { exportMsd } from './msd.ts'
import { exportMssd } from './mssd.ts'
import { exportSeedJson } from './seed-json.ts'
import { exportSeedTsv } from './seed-tsv.ts'
import type { ExportShape } from './shape.ts'
import { exportTasteProfile } from './taste-profile.ts'

export interface Shape {
  summary: string
  write: ExportShape
}

export const SHAPES = {
  'seed-json': { summary: 'the first version’s event lines', write: exportSeedJson },
  'seed-tsv': {
    summary: 'the first version’s event tables, ROWKEY and counts, for HBase’s ImportTsv',
    write: exportSeedTsv,
  },
  msd: { summary: 'the catalogue as the Million Song Dataset: texts, SQLite, 54-column table', write: exportMsd },
  'taste-profile': { summary: 'user, song, plays as in the Taste Profile', write: exportTasteProfile },
  'lastfm-1k': { summary: 'plays and profiles as in Last.fm’s thousand users', write: exportLastfm1k },
  mssd: { summary: 'session logs and track features as in the Music Streaming Sessions Dataset', write: exportMssd },
  eventsim: { summary: 'page events as eventsim logs them', write: exportEventsim },
} as const satisfies Record<string, Shape>

export type ShapeName = keyof typeof SHAPES

export const SHAPE_NAMES = Object.keys(SHAPES) as ShapeName[]
