/**
 * An event's own content as one text, the same for whoever sends it and whoever finds it stored: the fields that a client
 * gives, in one order. What the server adds (when it was received, whose song it is) is left out. Here and not beside
 * the schemas, so that k6's engine can load it: they need a package.
 */
export function canonicalEvent(event: object): string {
  const fields = event as Readonly<Record<string, unknown>>
  // The order of the stored line; fields that are absent are left out.
  return JSON.stringify({
    eid: fields['eid'],
    ts: fields['ts'],
    uid: fields['uid'],
    session: fields['session'],
    event: fields['event'],
    songid: fields['songid'],
    position_ms: fields['position_ms'],
    query: fields['query'],
    stars: fields['stars'],
    text: fields['text'],
    tags: fields['tags'],
    ip4: fields['ip4'],
    device: fields['device'],
  })
}
