/**
 * The columns of the data set, in one table: the writers take names and types from it, and so does the data dictionary,
 * so that the two cannot differ.
 */
export interface Column {
  name: string
  type: 'int64' | 'int32' | 'date' | 'text' | 'real' | 'flag'
  unit: string
  /** When there is no value. */
  absent: string
  example: string
  law: string
}

const ALWAYS = 'never'

/** Events in CSV and Parquet; JSON lines have the same names, in the order of the API, without `local_date` and `zip`. */
export const EVENT_COLUMNS = [
  {
    name: 'ts',
    type: 'int64',
    unit: 'ms since 1970-01-01 UTC',
    absent: ALWAYS,
    example: '1767225600123',
    law: 'event time; never falls within a session',
  },
  {
    name: 'local_date',
    type: 'date',
    unit: 'day',
    absent: ALWAYS,
    example: '2025-12-31',
    law: 'the day on the listener’s own clock at that time',
  },
  {
    name: 'eid',
    type: 'text',
    unit: '',
    absent: ALWAYS,
    example: '0ab52a6691dfd71aec9683192c7de113',
    law: '32 hex digits, a hash of session and sequence: unique',
  },
  {
    name: 'uid',
    type: 'text',
    unit: '',
    absent: ALWAYS,
    example: '1fdb8611-f29f-82e0-9f3c-87e4e85cce26',
    law: 'users/users.csv',
  },
  {
    name: 'session',
    type: 'text',
    unit: '',
    absent: ALWAYS,
    example: 'f6193bb71a6cb1922bb631d57bc632b5',
    law: '32 hex digits; one login, one exit',
  },
  {
    name: 'event',
    type: 'text',
    unit: '',
    absent: ALWAYS,
    example: 'play',
    law: 'login search play pause resume skip tup tdn rate comment tag exit',
  },
  {
    name: 'songid',
    type: 'text',
    unit: '',
    absent: 'login, search; exit of a session without a play',
    example: 'TRIWGGRE8406ADACE5',
    law: 'track_id in catalog/songs.csv',
  },
  {
    name: 'position_ms',
    type: 'int32',
    unit: 'ms',
    absent: 'login, search; exit without a song',
    example: '31250',
    law: '0 ≤ position ≤ the song’s duration',
  },
  {
    name: 'query',
    type: 'text',
    unit: '',
    absent: 'all but search',
    example: 'golden river',
    law: 'one or two words of a title or an artist’s name',
  },
  { name: 'stars', type: 'int32', unit: 'stars', absent: 'all but rate', example: '8', law: '1 … 10' },
  {
    name: 'text',
    type: 'text',
    unit: '',
    absent: 'all but comment',
    example: 'This one stays.',
    law: 'a remark whose feeling is known',
  },
  {
    name: 'tags',
    type: 'text',
    unit: '',
    absent: 'all but tag',
    example: 'calm;rain',
    law: 'one to three, with ; between; an array in JSON lines',
  },
  {
    name: 'ip4',
    type: 'text',
    unit: '',
    absent: ALWAYS,
    example: '198.18.170.177',
    law: 'of 198.18.0.0/15, which belongs to nobody (RFC 2544)',
  },
  {
    name: 'device',
    type: 'text',
    unit: '',
    absent: 'all but login',
    example: 'phone',
    law: 'phone desktop tablet speaker car tv',
  },
  {
    name: 'zip',
    type: 'text',
    unit: '',
    absent: ALWAYS,
    example: '02139',
    law: 'the listener’s home; text, for leading zeros count',
  },
] as const satisfies readonly Column[]

export interface ArrayColumn {
  name: string
  /** As NumPy writes it. */
  type: '<i8' | '<u4' | '<u2' | '|u1' | '<i4'
  absent: string
  law: string
}

/** One NumPy file a column. */
export const ARRAY_COLUMNS = [
  { name: 'ts', type: '<i8', absent: ALWAYS, law: 'ms since 1970-01-01 UTC' },
  { name: 'user', type: '<u4', absent: ALWAYS, law: '`index` in users/users.csv' },
  { name: 'session', type: '<u4', absent: ALWAYS, law: 'the first eight hex digits of the session’s id, as a number' },
  { name: 'sequence', type: '<u2', absent: ALWAYS, law: 'place in the session, from 0' },
  { name: 'event', type: '|u1', absent: ALWAYS, law: '`event` in catalog/kinds.json' },
  {
    name: 'song',
    type: '<i4',
    absent: '−1',
    law: '`index` in catalog/songs.csv; a search has the song that it is for',
  },
  { name: 'position_ms', type: '<i4', absent: '−1', law: 'ms' },
  { name: 'detail', type: '<u4', absent: '0', law: 'rate: stars; search, comment, tag: what the text is made from' },
  { name: 'cause', type: '|u1', absent: '0', law: 'why the song was played: `cause` in catalog/kinds.json' },
] as const satisfies readonly ArrayColumn[]

export const SONG_DAY_COLUMNS = [
  { name: 'song', type: 'int32', unit: '', absent: ALWAYS, example: '17', law: '`index` in catalog/songs.csv' },
  { name: 'songid', type: 'text', unit: '', absent: ALWAYS, example: 'TRIWGGRE8406ADACE5', law: 'its track_id' },
  { name: 'plays', type: 'int32', unit: 'events', absent: ALWAYS, example: '42', law: 'plays started on that UTC day' },
  { name: 'skips', type: 'int32', unit: 'events', absent: ALWAYS, example: '20', law: '' },
  { name: 'tup', type: 'int32', unit: 'events', absent: ALWAYS, example: '2', law: 'thumbs up' },
  { name: 'tdn', type: 'int32', unit: 'events', absent: ALWAYS, example: '0', law: 'thumbs down' },
  {
    name: 'listeners',
    type: 'int32',
    unit: 'users',
    absent: ALWAYS,
    example: '31',
    law: 'who started a play; ≤ plays',
  },
] as const satisfies readonly Column[]

export const SONG_COLUMNS = [
  { name: 'index', type: 'int32', unit: '', absent: ALWAYS, example: '17', law: 'from 0' },
  {
    name: 'track_id',
    type: 'text',
    unit: '',
    absent: ALWAYS,
    example: 'TRIWGGRE8406ADACE5',
    law: 'TR, 5 letters, 11 hex digits',
  },
  { name: 'song_id', type: 'text', unit: '', absent: ALWAYS, example: 'SOMZWCG12A8C13C480', law: '' },
  { name: 'title', type: 'text', unit: '', absent: ALWAYS, example: 'Golden River', law: 'invented' },
  {
    name: 'artist_id',
    type: 'text',
    unit: '',
    absent: ALWAYS,
    example: 'ARBXGNABE9E92B874D',
    law: 'catalog/artists.csv',
  },
  { name: 'artist_name', type: 'text', unit: '', absent: ALWAYS, example: 'The Quiet Lamps', law: 'invented' },
  { name: 'album_id', type: 'text', unit: '', absent: ALWAYS, example: 'ALBXGNABE9E92B874D', law: '' },
  { name: 'release', type: 'text', unit: '', absent: ALWAYS, example: 'Long Roads', law: 'the album’s title' },
  { name: 'genre', type: 'text', unit: '', absent: ALWAYS, example: 'rock', law: 'the artist’s strongest term' },
  { name: 'year', type: 'int32', unit: 'year', absent: '0', example: '2019', law: 'of release' },
  { name: 'duration_ms', type: 'int32', unit: 'ms', absent: ALWAYS, example: '214000', law: '' },
  { name: 'tempo', type: 'real', unit: 'beats per minute', absent: ALWAYS, example: '121.5', law: '' },
  { name: 'key', type: 'int32', unit: '', absent: ALWAYS, example: '7', law: '0 = C … 11 = B' },
  { name: 'energy', type: 'real', unit: '', absent: ALWAYS, example: '0.71', law: '0 … 1' },
  { name: 'song_hotttnesss', type: 'real', unit: '', absent: ALWAYS, example: '0.35', law: '0 … 1' },
] as const satisfies readonly Column[]

export const ARTIST_COLUMNS = [
  { name: 'index', type: 'int32', unit: '', absent: ALWAYS, example: '3', law: 'from 0' },
  {
    name: 'artist_id',
    type: 'text',
    unit: '',
    absent: ALWAYS,
    example: 'ARBXGNABE9E92B874D',
    law: 'AR, 5 letters, 11 hex digits',
  },
  { name: 'artist_name', type: 'text', unit: '', absent: ALWAYS, example: 'The Quiet Lamps', law: 'invented' },
  { name: 'familiarity', type: 'real', unit: '', absent: ALWAYS, example: '0.52', law: '0 … 1' },
  { name: 'hotttnesss', type: 'real', unit: '', absent: ALWAYS, example: '0.43', law: '0 … 1' },
  { name: 'latitude', type: 'real', unit: 'degrees', absent: ALWAYS, example: '42.4', law: '' },
  { name: 'longitude', type: 'real', unit: 'degrees', absent: ALWAYS, example: '-71.1', law: '' },
  { name: 'location', type: 'text', unit: '', absent: ALWAYS, example: 'Boston, MA', law: '' },
  {
    name: 'terms',
    type: 'text',
    unit: '',
    absent: ALWAYS,
    example: 'rock:1;indie rock:0.6',
    law: 'term:weight, strongest first',
  },
  {
    name: 'similar',
    type: 'text',
    unit: '',
    absent: 'empty where nobody is',
    example: 'ARAAAAW128F429D538',
    law: 'artist ids, most similar first',
  },
] as const satisfies readonly Column[]

export const USER_FILE_COLUMNS = [
  { name: 'index', type: 'int32', unit: '', absent: ALWAYS, example: '17', law: 'from 0' },
  {
    name: 'uid',
    type: 'text',
    unit: '',
    absent: ALWAYS,
    example: '1fdb8611-f29f-82e0-9f3c-87e4e85cce26',
    law: 'a UUID of version 8',
  },
  { name: 'fname', type: 'text', unit: '', absent: ALWAYS, example: 'Ada', law: '' },
  { name: 'lname', type: 'text', unit: '', absent: ALWAYS, example: 'Miller', law: '' },
  {
    name: 'email',
    type: 'text',
    unit: '',
    absent: ALWAYS,
    example: 'ada.miller.17@example.com',
    law: 'can be nobody’s',
  },
  { name: 'created', type: 'date', unit: 'day', absent: ALWAYS, example: '2023-05-02', law: '' },
  {
    name: 'last_login',
    type: 'date',
    unit: 'day',
    absent: ALWAYS,
    example: '2025-12-30',
    law: 'as known before the first day',
  },
  { name: 'zip', type: 'text', unit: '', absent: ALWAYS, example: '02139', law: 'leading zeros count' },
  { name: 'birth', type: 'date', unit: 'day', absent: ALWAYS, example: '1989-11-20', law: '' },
  { name: 'gender', type: 'text', unit: '', absent: ALWAYS, example: 'F', law: 'F M X' },
  {
    name: 'active',
    type: 'flag',
    unit: '',
    absent: ALWAYS,
    example: 'true',
    law: 'one in a hundred is not, and has no events',
  },
  { name: 'ip4', type: 'text', unit: '', absent: ALWAYS, example: '198.18.170.177', law: '' },
  { name: 'weight', type: 'int32', unit: '', absent: ALWAYS, example: '3', law: 'how often, 1 rarely … 5 often' },
] as const satisfies readonly Column[]
