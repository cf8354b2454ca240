/**
 * The vocabulary of invented titles and names. `words-grammar.ts` puts it together.
 *
 * A test holds that nobody's song, album or band in faker's lists can be said with these words, whatever the seed: a
 * word that makes one sayable is left out. Words give no offence in any combination.
 */

export const ADJECTIVES = titled(`
  amber ancient antique arctic autumn barefoot bashful borrowed brass brittle burnished careful cardinal chalk
  cinder clockwork cobalt coastal copper coral counted crooked curious distant drowsy dusty eager earnest eastern
  endless evening faded faithful feather folded forgotten fragile gentle gilded glass granite harvest hazel
  hidden hollow honest humble idle indigo inland jagged jasper keen kindled lantern latent leeward lilac linen
  lonesome lucid lunar magnetic maple marble marooned mellow merry midland misty mossy muted narrow nimble
  northern oaken ochre olive opal orchard painted paper parallel patient pebble pewter polar porcelain postal quiet
  quilted rambling reckless restless rolling russet rustic sable saffron salted sandy scattered secret
  seventh shallow silent slender sleeping slow solar southern spare speckled spotted stubborn sudden sunken tangled
  tawny tender thirsty timber tin topaz tranquil twisted umber unsent upland vacant velvet verdant violet wandering
  waxen weathered western whispered wicker winding windward wintry wistful wooden woven yonder zinc
`)

/** In the singular. Their plurals follow the rule. */
export const NOUNS = titled(`
  acorn acrobat alcove almanac anchor antenna apron arcade archway armchair astronaut atrium attic awning badger
  banister barge barn basin beacon beekeeper bicycle birdhouse blanket boathouse bonfire
  bookshop boulder bramble brook bucket bungalow button cabin candlestick canopy caravan cartographer cellar chandelier
  chestnut chimney cistern clarinet clearing clock cloister coat collar comet compass corridor cottage crater creek
  cricket crossing cupboard curtain cushion dandelion diver doorway drawer dune ember engine envelope escalator
  farmhouse feather ferry fiddler figurine finch firefly fishpond flagpole floodplain fountain foxglove freighter
  gable gallop gardener garland gatekeeper glacier glider gondola granary greenhouse hammock harbour
  harvester hatbox hedge hedgehog herald heron hillside hinge hourglass icicle inkwell island jacket jetty juniper
  kestrel kettle keyhole kite ladder lagoon lamplighter lantern latch lattice ledger lemon lighthouse lilypad
  locket locksmith longboat magpie mapmaker mariner marigold meadow meridian milestone mill mitten moorland
  mosaic mountaineer narrator navigator nightjar notebook orchard orchid osprey otter
  outpost overcoat oyster paddock pamphlet parade parasol parcel pavilion pebble pelican pendulum peninsula
  periscope petal pheasant pier pigeon pilgrim pillar pinwheel plateau platform plaza pocket pond portrait postcard
  prairie puppeteer quarry quilt raincoat ravine reef reservoir ribbon riddle ridge rooftop rowboat
  saddle sailor sandbar satchel schooner seashell semaphore shepherd shoreline shutter signal silo skylark slate
  sleeper sleigh sparrow spire staircase starling steamboat stencil stowaway streetlamp sundial surveyor
  swallow tailor tapestry teacup telegraph telescope tenant terrace thicket thimble thread tide tollbooth torch
  trellis trolley tugboat tunnel turnstile typewriter valley vault veranda viaduct vineyard wagon walnut
  warbler watchmaker waterwheel weathervane wharf wheelwright windmill window woodpile workshop wren
`)

/** What one may be doing to nouns. */
export const DOINGS = titled(`
  borrowing building carrying chasing climbing counting crossing dusting folding following gathering guarding
  herding hiding keeping leaving lending lighting mapping measuring mending minding naming outrunning packing
  painting paddling passing planting polishing pressing raising reading repairing rowing seeking sending
  sewing shadowing sketching sorting sounding stacking stitching tracing trading tuning turning unfolding unlocking
  wading waiting walking washing watching waving weaving winding
`)

/** What nouns may do. */
export const DEEDS = titled(`
  assemble awaken balance bend borrow dissolve divide drift echo fade flicker float fold gather
  glimmer glow grow hesitate hum kneel lean linger listen meander mend migrate murmur overlap pause ramble remain rest
  ripple settle shelter shimmer sleep slip sparkle spin stray sway tremble vanish wander whisper whistle
`)

/** What one is asked not to do to a noun. */
export const PLEAS = titled(`
  abandon awaken borrow bury count drop fold follow forget furnish lend measure mend move name open paint
  polish rattle repaint rewind scatter sell sink sketch startle tame unravel unwind wake wash
`)

export const COUNTS = titled('two three four five six seven eight nine eleven twelve twenty forty sixty ninety')

export const HOURS = titled(`
  dawn daybreak dusk noon midwinter midsummer nightfall sunset supper twilight teatime lunchtime curfew bedtime
`)

export const WHEN = words('before after until past towards')

/** What a company of players calls itself. */
export const ENSEMBLES = titled(`
  assembly chamber choir collective company consort ensemble orchestra players quartet quintet septet sextet society
  syndicate trio workshop
`)

/** Starts of invented words. */
export const STARTS = words(`
  Ald Alm Arv Asht Bel Bram Brel Brev Cald Carv Cor Corv Dalv Delm Dorv Drel Elv Emb Ersk Fald Fenn Ferv Galv Garr
  Glen Grov Hald Harv Helm Hest Hov Ilv Ingl Isk Jarv Jost Kald Kelv Kest Korv Land Larv Lenn Lor Lund Malv Marl Melv
  Merr Mol Nald Nerv Nov Oldr Orl Osk Palm Parv Pell Perr Quill Quor Rald Renn Resk Rost Sald Selv Sorr Stell Sund
  Talv Tarn Thal Tolv Torr Uld Ulv Vald Varn Vell Verm Vost Wald Wend Westr Wyr Yald Yor Zell Zor Brøn Gøt Hål Jörd
  Lév Mål Nörd Sér Tåg Vérm
`)

/** Between start and end, in some words. */
export const MIDDLES = words('a e i o u an ar el en er in or um')

/** Ends of invented surnames. */
export const SURNAME_ENDS = words(`
  aby acre aker amore and arden aster atsky auer avich bairn bane beck berg bourne brand brook bury by cott croft
  dahl den dottir eaux ell elli enko ero escu esti etti evic ez feld ford gaard garth gate grave gren hagen ham haugh
  heim holt hurst ian ides igny ikov ilio ino inski isto lake land leigh lind lock lund man mark mere mond mont moor
  more mount nell oglu onen oski ossian ova quist rick ridge rup sen shaw skog son stad stead stone strand strom thal
  thorne thwaite ton toft vaara vall vard vick vik vold wald ward wall water way well wick wood worth wright yard
`)

/** Ends of invented towns. */
export const TOWN_ENDS = words(`
  abad ado aga ago anda ania aro ava avik bay borough bridge burgh castle cliff dale dorf elia ena escu field firth
  gate glade grad haven head hill ia ica ina isle minster mora mouth ona ora osa port quay rath reach sands shire
  side stock town um una vale veld via view ville wharf
`)

/** Ends of one-word bands and of words that mean nothing. */
export const COINED_ENDS = words(`
  adex adon adyne agram aleph alon amax andro anix aphone arium aster astra atone avox axis edo elle enix eon esque
  etica ex ibex icon idian idor ium odeon odyne ogram olith onix ora orama osphere otron ova oxide ular unda
  ura ux yx
`)

/** Words as they stand in a title. */
function titled(list: string): readonly string[] {
  return words(list).map((word) => word[0]!.toUpperCase() + word.slice(1))
}

function words(list: string): readonly string[] {
  return list.trim().split(/\s+/)
}
