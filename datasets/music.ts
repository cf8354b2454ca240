/** Songs, artists, albums, users and zip areas: the vocabulary of the catalogue, in the Million Song Dataset's shape. */
import { z } from 'zod'
import { idSchema } from './event.ts'

/** One track. Field meanings follow the MSD's field list; `release` is its word for the album's title. */
export const songSchema = z.strictObject({
  track_id: idSchema.meta({ description: 'TR + 5 letters + 11 hex digits' }),
  song_id: idSchema.meta({ description: 'SO + 5 letters + 11 hex digits' }),
  title: z.string(),
  artist_id: idSchema,
  artist_name: z.string(),
  album_id: idSchema.meta({ description: 'AL + 5 letters + 11 hex digits; the MSD has no album id of its own' }),
  release: z.string().meta({ description: 'Album title' }),
  genre: z.string().meta({ description: 'The artist’s strongest term' }),
  year: z.int().min(0).max(2100).meta({ description: 'Year of release; 0 = unknown' }),
  duration_ms: z.int().min(1000),
  tempo: z.number().meta({ description: 'Beats per minute' }),
  key: z.int().min(0).max(11).meta({ description: '0 = C … 11 = B' }),
  energy: z.number().min(0).max(1),
  song_hotttnesss: z.number().min(0).max(1),
})
export type Song = z.infer<typeof songSchema>

export const artistSchema = z.strictObject({
  artist_id: idSchema.meta({ description: 'AR + 5 letters + 11 hex digits' }),
  artist_name: z.string(),
  familiarity: z.number().min(0).max(1),
  hotttnesss: z.number().min(0).max(1),
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  location: z.string(),
  terms: z.array(z.strictObject({ term: z.string(), weight: z.number().min(0).max(1) })).min(1),
  similar: z.array(idSchema).meta({ description: 'Ids of similar artists, most similar first' }),
})
export type Artist = z.infer<typeof artistSchema>

/** A user as the seed's CSV has it. Zip codes are text: leading zeros count. */
export const userSchema = z.strictObject({
  uid: idSchema,
  fname: z.string(),
  lname: z.string(),
  email: z.string(),
  created: z.string().meta({ description: 'YYYY-MM-DD' }),
  last_login: z.string().meta({ description: 'YYYY-MM-DD, or empty' }),
  zip: z
    .string()
    .regex(/^\d{5}$/)
    .or(z.literal('')),
  birth: z.string().meta({ description: 'YYYY-MM-DD, or empty' }),
  gender: z.enum(['F', 'M', 'X', '']),
  active: z.boolean(),
  ip4: z.ipv4().or(z.literal('')),
  weight: z.int().min(1).max(5).optional().meta({ description: 'How often the user listens, 1 rarely … 5 often' }),
})
export type User = z.infer<typeof userSchema>

/** A 3-digit zip area. */
export interface ZipArea {
  zip3: string
  state: string
  latitude: number
  longitude: number
  population: number
}

/** What stands in a report for the artist, album or genre of a song that the catalogue does not know. */
export const UNKNOWN_ID = 'UNKNOWN'
