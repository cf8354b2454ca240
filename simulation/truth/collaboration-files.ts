/** The truth about who listens with whom. */
import { GENRES } from '../../datasets/catalogue-genre.ts'
import { friendsOf, stationAt, stationsOf, strengthOf } from '../kernel/collaboration.ts'
import { uidAt } from '../kernel/listener.ts'
import type { TruthFile } from './truth-file.ts'

export const FRIEND_FILE: TruthFile = {
  name: 'friends.csv',
  row: 'a friendship: it was made by the later account, and holds both ways',
  law:
    'Early accounts are met more often (density 1/√place), so that the number of friends is heavy-tailed; of every few ' +
    'met, one from the same state is preferred. Plays of cause `friend` are of songs that a friend knows.',
  columns: {
    user: 'index of who made it',
    uid: '',
    friend: 'index of the other',
    friend_uid: '',
    strength: 'how close they are, 0 … 1',
  },
  *rows({ world }) {
    for (let user = 0; user < world.userCount; user++) {
      for (const friend of friendsOf(world, user)) {
        yield [user, uidAt(world, user), friend, uidAt(world, friend), strengthOf(world, user, friend)]
      }
    }
  },
}

export const STATION_FILE: TruthFile = {
  name: 'stations.csv',
  row: 'a subscription',
  law:
    'Up to four shared stations a listener: of a genre with the odds of its share of artists × taste, and in it with odds ' +
    '1, 1/2, … 1/10. Plays of cause `station` are what the station plays.',
  columns: { user: 'index', uid: '', station: 'id', name: '', genre: '' },
  *rows({ world }) {
    for (let user = 0; user < world.userCount; user++) {
      for (const id of stationsOf(world, user)) {
        const { name, genre } = stationAt(world, id)
        yield [user, uidAt(world, user), id, name, GENRES[genre]!.term]
      }
    }
  },
}
