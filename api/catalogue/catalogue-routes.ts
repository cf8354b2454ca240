/** Look-up and search of songs, artists and albums; both servers have these. */
import { createRoute, z } from '@hono/zod-openapi'
import { idSchema } from '../../datasets/event.ts'
import { artistSchema, songSchema } from '../../datasets/music.ts'
import { readAlbum, readArtist, readSong, type Search, searchArtists, searchSongs } from '../../pipeline/lookup.ts'
import type { TableStore } from '../../pipeline/table-store.ts'
import type { Application } from '../http/application.ts'
import { jsonAnswer, problemAnswers } from '../http/openapi.ts'
import { Problem } from '../http/problem.ts'

const SEARCH_MAX = 100

const song = songSchema.meta({ id: 'Song' })
const artist = artistSchema.meta({ id: 'Artist' })
const album = z
  .strictObject({
    album_id: z.string(),
    release: z.string().meta({ description: 'Title' }),
    artist_id: z.string(),
    artist_name: z.string(),
  })
  .meta({ id: 'Album' })

const searchQuery = z.strictObject({
  q: z.string().min(1).max(200).meta({ description: 'Start of a name, or of a later word in it; case does not count' }),
  limit: z.coerce.number().int().min(1).max(SEARCH_MAX).default(20).meta({ description: 'Results a page' }),
  after: z.string().max(2_000).optional().meta({ description: '`next` of the page before' }),
})

const songHit = songSchema
  .pick({
    track_id: true,
    title: true,
    artist_id: true,
    artist_name: true,
    album_id: true,
    release: true,
    genre: true,
    year: true,
    duration_ms: true,
  })
  .meta({ id: 'SongHit' })
const artistHit = artistSchema
  .pick({ artist_id: true, artist_name: true, location: true, familiarity: true, hotttnesss: true })
  .extend({ genre: z.string().meta({ description: 'The artist’s strongest term' }) })
  .meta({ id: 'ArtistHit' })

const next = z.string().optional().meta({ description: 'Give it as `after` for the next page; absent on the last' })
const param = z.strictObject({ id: idSchema })

const songSearch = createRoute({
  method: 'get',
  path: '/v1/search/songs',
  tags: ['catalogue'],
  summary: 'Songs by title',
  request: { query: searchQuery },
  responses: {
    200: jsonAnswer('In order of title', z.strictObject({ results: z.array(songHit), next })),
    ...problemAnswers('invalid-request', 'unavailable'),
  },
})

const artistSearch = createRoute({
  method: 'get',
  path: '/v1/search/artists',
  tags: ['catalogue'],
  summary: 'Artists by name',
  request: { query: searchQuery },
  responses: {
    200: jsonAnswer('In order of name', z.strictObject({ results: z.array(artistHit), next })),
    ...problemAnswers('invalid-request', 'unavailable'),
  },
})

const missing = problemAnswers('invalid-request', 'not-found', 'unavailable')

const songRoute = createRoute({
  method: 'get',
  path: '/v1/songs/{id}',
  tags: ['catalogue'],
  summary: 'A song by track id',
  request: { params: param },
  responses: { 200: jsonAnswer('The song', song), ...missing },
})

const artistRoute = createRoute({
  method: 'get',
  path: '/v1/artists/{id}',
  tags: ['catalogue'],
  summary: 'An artist by id',
  request: { params: param },
  responses: { 200: jsonAnswer('The artist', artist), ...missing },
})

const albumRoute = createRoute({
  method: 'get',
  path: '/v1/albums/{id}',
  tags: ['catalogue'],
  summary: 'An album by id',
  request: { params: param },
  responses: { 200: jsonAnswer('The album', album), ...missing },
})

export function catalogueRoutes(app: Application, tables: TableStore): void {
  app.openapi(songSearch, async (c) => {
    const search = searchOf(c.req.valid('query'))
    return c.json(await tables.snapshot((view) => searchSongs(view, search)), 200)
  })
  app.openapi(artistSearch, async (c) => {
    const search = searchOf(c.req.valid('query'))
    return c.json(await tables.snapshot((view) => searchArtists(view, search)), 200)
  })
  app.openapi(songRoute, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(found(await tables.snapshot((view) => readSong(view, id)), 'song'), 200)
  })
  app.openapi(artistRoute, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(found(await tables.snapshot((view) => readArtist(view, id)), 'artist'), 200)
  })
  app.openapi(albumRoute, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(found(await tables.snapshot((view) => readAlbum(view, id)), 'album'), 200)
  })
}

/** An absent cursor is no cursor, rather than an undefined one. */
function searchOf({ after, ...search }: z.infer<typeof searchQuery>): Search {
  return after === undefined ? search : { ...search, after }
}

function found<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value
  throw new Problem('not-found', `Expected the id of a ${what} in the catalogue, got another.`)
}
