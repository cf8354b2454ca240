/** The one request that every generator of the benchmark sends: about 200 bytes of JSON, as an event is. */
export const BODY = JSON.stringify({
  eid: '00112233445566778899aabbccddeeff',
  ts: 1_700_000_000_000,
  uid: 'listener-000123',
  session: 'listener-000123-1',
  event: 'play',
  songid: 'SOABCDE12AB0123456',
  position_ms: 0,
  ip4: '192.0.2.1',
  device: 'bench',
})

/** Requests under way at once, each on a connection of its own. */
export const CONNECTIONS = 50
