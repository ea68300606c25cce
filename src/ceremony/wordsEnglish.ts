/** The English word of each byte, from 00 to ff, in alphabetical order. Records hold them: they never change. */

export const ENGLISH_WORDS: readonly string[] = `
  acorn, actor, album, almond, amber, anchor, ankle, apple,
  apron, arctic, arrow, atlas, autumn, avenue, badge, bakery,
  balcony, bamboo, banjo, barrel, basket, beaver, bicycle, biscuit,
  blanket, blossom, bonfire, border, bottle, bracelet, bridge, bronze,
  bucket, button, cabbage, cactus, camera, candle, carpet, castle,
  cedar, ceiling, chapel, cherry, chimney, cider, circle, clarinet,
  clover, coconut, compass, copper, cottage, cradle, cricket, crystal,
  curtain, cushion, daisy, dancer, dentist, desert, diamond, dinner,
  doctor, dolphin, donkey, dragon, drum, eagle, earring, eclipse,
  elbow, elephant, emerald, engine, evening, falcon, farmer, feather,
  festival, fiddle, finger, flannel, flute, forest, fossil, fountain,
  frozen, furnace, galaxy, garlic, gazelle, giraffe, glacier, globe,
  goblet, gondola, granite, guitar, hammer, harbour, helmet, hockey,
  honey, horizon, hunter, icicle, igloo, island, ivory, jacket,
  jaguar, jasmine, jelly, jigsaw, journal, juggler, jungle, kayak,
  kennel, kettle, kimono, kingdom, kitchen, koala, ladder, lagoon,
  lantern, laundry, lemon, leopard, library, lighthouse, lizard, lobster,
  locket, magnet, mammoth, mango, marble, meadow, melon, mermaid,
  midnight, mirror, mosaic, muffin, museum, napkin, needle, nephew,
  notebook, nougat, oatmeal, ocean, octopus, olive, onion, opera,
  orbit, orchid, ostrich, otter, oxygen, oyster, paddle, palace,
  panda, parrot, peanut, pebble, pelican, pencil, pepper, piano,
  pigeon, pilot, pirate, planet, plum, pottery, pumpkin, pyramid,
  quilt, rabbit, radio, rainbow, raven, ribbon, river, rooster,
  ruby, salmon, sandal, scarf, school, sculptor, seagull, shadow,
  shepherd, silver, sketch, smoke, soldier, sparrow, spider, spoon,
  squirrel, stable, summer, sunset, swallow, sweater, tablet, tailor,
  teapot, temple, theatre, thimble, thunder, ticket, tiger, toast,
  tomato, torch, tractor, treasure, trumpet, tulip, tunnel, turnip,
  twilight, umbrella, uncle, uniform, valley, vanilla, velvet, village,
  vinegar, violin, volcano, voyage, waffle, wagon, walnut, whale,
  whistle, willow, window, yacht, yellow, yogurt, zebra, zigzag
`
  .trim()
  .split(/,\s+/);
