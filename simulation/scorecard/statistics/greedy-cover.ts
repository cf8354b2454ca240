/**
 * How many songs please N listeners, if each is pleased by any of a few favourites: the greedy cover takes, again and
 * again, the song that pleases most of those not pleased yet. Louail and Barthelemy, arXiv 1704.05815, find S ~ N^a.
 * @param favourites by listener, song numbers; negative ones are none
 */
export function greedyCover(favourites: readonly (readonly number[])[]): number {
  const fans = new Map<number, number[]>()
  favourites.forEach((songs, listener) => {
    for (const song of songs) {
      if (song < 0) continue
      const known = fans.get(song)
      if (known) known.push(listener)
      else fans.set(song, [listener])
    }
  })
  const left = new Map(Array.from(fans, ([song, of]) => [song, of.length]))
  const pleased = new Uint8Array(favourites.length)
  let taken = 0
  for (;;) {
    let [best, most] = [-1, 0]
    for (const [song, count] of left) if (count > most) [best, most] = [song, count]
    if (most === 0) return taken
    taken++
    for (const listener of fans.get(best)!) {
      if (pleased[listener] === 1) continue
      pleased[listener] = 1
      for (const song of favourites[listener]!) if (song >= 0) left.set(song, left.get(song)! - 1)
    }
    left.delete(best)
  }
}
