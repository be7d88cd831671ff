// Names of groups, and the labels that belong to them: what `has_people`, `animals: string[]` and
// `vehicle_count` ask for. Labels are those of Objects365, OpenImages and COCO, on which Florence-2 was
// trained to detect, in the singular.
import { singular } from './names.ts'

/** The first name of a row is the group; the others mean the same. */
const GROUPS: readonly (readonly [names: string, members: string])[] = [
  [
    'person people human pedestrian face individual',
    'man woman boy girl child baby kid lady guy player rider driver skier surfer worker farmer soldier ' +
      'police crowd face head bride groom',
  ],
  [
    'animal pet wildlife creature fauna',
    'dog cat horse cow sheep pig goat bird duck goose chicken eagle owl parrot penguin flamingo peacock ' +
      'elephant monkey rabbit tiger lion zebra giraffe bear panda koala fox mouse camel kangaroo hedgehog ' +
      'bat turtle frog crocodile snake dinosaur fish whale dolphin octopus crab snail butterfly bee ' +
      'ladybug spider insect deer wolf squirrel hamster lizard seal shark swan pigeon seagull puppy kitten',
  ],
  [
    'vehicle transport',
    'car truck bus van suv motorcycle motorbike bicycle bike scooter train tram airplane aeroplane plane ' +
      'helicopter boat ship ferry tractor ambulance taxi trailer rocket',
  ],
  [
    'food meal dish',
    'apple banana orange lemon grape strawberry pineapple watermelon pear peach cherry bread sandwich ' +
      'burger hamburger pizza pasta noodle rice egg cheese cake pie cookie donut cupcake candy chocolate ' +
      'salad soup steak sausage sushi carrot tomato potato onion pepper corn mushroom pumpkin',
  ],
  [
    'plant flora vegetation',
    'tree flower rose tulip sunflower grass bush shrub cactus leaf palm houseplant',
  ],
  [
    'furniture',
    'chair table desk sofa couch bed bench shelf cabinet wardrobe stool drawer bookcase',
  ],
  [
    'building structure architecture',
    'house skyscraper tower church castle bridge lighthouse barn tent',
  ],
  [
    'electronics device gadget',
    'phone telephone laptop computer monitor television tv keyboard tablet camera remote microphone ' +
      'speaker headphone printer radio clock watch',
  ],
  [
    'clothing clothes apparel',
    'shirt t-shirt dress skirt jacket coat jeans trousers pants shoe boot hat cap helmet glove scarf sock ' +
      'tie glasses sunglasses belt backpack handbag',
  ],
  [
    'color colour',
    'red orange yellow green blue purple pink brown black white gray grey beige turquoise teal gold ' +
      'silver lime navy maroon cream violet cyan magenta',
  ],
]

const MEMBERS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  GROUPS.flatMap(([names, members]) => {
    const all = new Set([...names.split(' '), ...members.split(' ')])
    return names.split(' ').map((name) => [name, all] as const)
  }),
)

/** Every single label of the table: what a detector would have reported. */
const KNOWN: ReadonlySet<string> = new Set([...MEMBERS.values()].flatMap((all) => [...all]))

/** The words that mean a thing of this kind: of `animals`, `dog` and a hundred more; else itself. */
export function membersOfGroup(word: string): ReadonlySet<string> {
  const one = singular(word)
  return MEMBERS.get(one) ?? new Set([one])
}

export function isGroup(word: string): boolean {
  return MEMBERS.has(singular(word))
}

/** Whether a detector knows this kind of thing, so that not finding it says something. */
export function isKnownThing(word: string): boolean {
  return KNOWN.has(singular(word))
}
