/**
 * The kernel's streams: one concern, one stream, so that a new feature moves no other draw. A number, once used, keeps
 * its meaning for ever; the catalogue's own streams lie below 0x5000.
 */
export const STREAM = {
  text: 0x5000,
  artistRank: 0x5001,
  wave: 0x5002,
  withinArtist: 0x5003,
  userId: 0x5010,
  profile: 0x5011,
  traits: 0x5012,
  taste: 0x5013,
  favourite: 0x5014,
  place: 0x5015,
  arrival: 0x5020,
  session: 0x5021,
  size: 0x5022,
  song: 0x5023,
  listen: 0x5024,
  react: 0x5025,
  reaction: 0x502a,
  search: 0x5026,
  walk: 0x5027,
  walkSong: 0x5028,
  start: 0x5029,
  event: 0x5030,
  listener: 0x5040,
  liveSession: 0x5041,
  liveEvent: 0x5042,
  liveGap: 0x5043,
} as const
