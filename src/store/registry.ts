// The models that have a short name, each pinned to a commit of the Hub.
//
// A commit never changes, so a pin means the same bytes for everybody and for ever; a branch does
// not: "microsoft/Florence-2-large" served one model until November 2024 and another one since.
// SHA-256 stands here only where two independent publications agree on it (or, for the small files,
// where the file itself was at hand); a mirror that serves anything else is refused. Where only the
// beginning of a hash was published, the beginning is compared.

/** A file whose content is known before anything is downloaded. */
export interface KnownFile {
  readonly path: string
  /** Bytes. */
  readonly size?: number
  /** 64 hexadecimal digits. */
  readonly sha256?: string
  /** What is known of the hash when it is not known as a whole. */
  readonly sha256StartsWith?: string
}

export interface KnownModel {
  /** The short name; further ones in `aliases`. Lower case. */
  readonly name: string
  readonly aliases: readonly string[]
  /** `owner/name` on the Hub. */
  readonly repository: string
  /** A commit, 40 hexadecimal digits. */
  readonly revision: string
  /** Names of the tensors: as in Microsoft's remote code, or as in transformers' own class. */
  readonly layout: 'microsoft' | 'transformers'
  readonly licence: string
  /** Unique weights, in millions, for people to choose by. */
  readonly millionParameters: number
  /** Bytes to download, for people; what counts is the Hub's listing. */
  readonly downloadBytes: number
  /**
   * Tasks of fine-tunes that it was trained on, as its publisher lists them, by FloCap's ids; absent
   * where that is not certain.
   */
  readonly fineTuneTasks?: readonly string[]
  /** What it is good for, one or two sentences. */
  readonly note: string
  /** What is known of its files; others may belong to it too. */
  readonly files: readonly KnownFile[]
}

const MIT = 'MIT (Microsoft)'
const ON_MODEL_CARD = 'see its model card'

const PREPROCESSOR: KnownFile = {
  path: 'preprocessor_config.json',
  size: 806,
  sha256: '2f5921bbc53c7cc04251e1027b45b1cec726276be6db23d1bb40641bfbe2cf29',
}
const TOKENIZER: KnownFile = {
  path: 'tokenizer.json',
  size: 1_355_863,
  sha256: '847bbeab6174d66a88898f729d52fa8d355fafe1bea101cf960dd404581df70e',
}
const TOKENIZER_CONFIG: KnownFile = {
  path: 'tokenizer_config.json',
  size: 34,
  sha256: '79ffcf43af8ebda99d165f61d243180da2e2639952e41e71e11611c18770489c',
}
const VOCABULARY: KnownFile = {
  path: 'vocab.json',
  size: 1_099_884,
  sha256: '394fdc63c71aabe0a9b97117f5d62fb5fcc4d59b2b3ea929a3929e6a53217b3c',
}
/** Microsoft never changed these between its four models. */
const MICROSOFT_FILES = [PREPROCESSOR, TOKENIZER, TOKENIZER_CONFIG, VOCABULARY]

const LARGE_GENERATION: KnownFile = {
  path: 'generation_config.json',
  size: 51,
  sha256: '30e9865458ecc8ee931eeeb43f44f1d169c5ab95be39e0072142a7a6b8f31990',
}
const LARGE_CONFIG: KnownFile = {
  path: 'config.json',
  size: 2445,
  sha256: 'fa081841369aa9c6e42faf5c52368d673b561e2c5f8fa03d1256e7408cb4130e',
}

function weights(size: number, sha256?: string): KnownFile {
  return { path: 'model.safetensors', size, ...(sha256 === undefined ? {} : { sha256 }) }
}

/** Of the cards of PromptGen 2.0. */
const PROMPTGEN_2 = ['generate_tags', 'mixed_caption', 'mixed_caption_plus', 'analyze']

export const KNOWN_MODELS: readonly KnownModel[] = [
  {
    name: 'base',
    aliases: ['florence-2-base'],
    repository: 'microsoft/Florence-2-base',
    revision: '5ca5edf5bd017b9919c05d08aebef5e4c7ac3bac',
    layout: 'microsoft',
    licence: MIT,
    millionParameters: 231,
    downloadBytes: 466_000_000,
    fineTuneTasks: [],
    note: "The small model: less than half of large's time and memory.",
    files: [
      {
        path: 'config.json',
        sha256: 'c666d0fe0172d46e115e8fba6cd93cd83714575b33a73005cab8d24ce2a3aa8f',
      },
      ...MICROSOFT_FILES,
      weights(463_221_266, '03075d2d2d2bbd3e180b9ba0afae4aa8563226e2d32911656966e05b2f2ee060'),
    ],
  },
  {
    name: 'base-ft',
    aliases: ['florence-2-base-ft'],
    repository: 'microsoft/Florence-2-base-ft',
    revision: 'f6c1a25888ffc1d945ee8a1a77ac833c7303d46e',
    layout: 'microsoft',
    licence: MIT,
    millionParameters: 231,
    downloadBytes: 466_000_000,
    note: 'base, tuned further on public data sets of captions, questions and detection.',
    files: [
      ...MICROSOFT_FILES,
      weights(463_221_266, '58757d657ff44051314c8030b68e04cb1bb618ca9a4885418f111f6fb708185a'),
    ],
  },
  {
    name: 'large',
    aliases: ['florence-2-large', 'large-2024-06'],
    repository: 'microsoft/Florence-2-large',
    revision: 'f0acedbf9b780e04fe1f9111fcf53187388f3d03',
    layout: 'microsoft',
    licence: MIT,
    millionParameters: 770,
    downloadBytes: 1_546_000_000,
    fineTuneTasks: [],
    note:
      'The weights of June 2024, which FloCap began with and most published captions come from. ' +
      'The Hub serves other weights under the same name since December 2024: see large-4k.',
    files: [
      LARGE_CONFIG,
      LARGE_GENERATION,
      ...MICROSOFT_FILES,
      { path: 'pytorch_model.bin', size: 1_543_107_459, sha256StartsWith: 'a8b6ee61' },
    ],
  },
  {
    name: 'large-4k',
    aliases: ['florence-2-large-4k'],
    repository: 'microsoft/Florence-2-large',
    revision: '21a599d414c4d928c9032694c424fb94458e3594',
    layout: 'microsoft',
    licence: MIT,
    millionParameters: 776,
    downloadBytes: 1_557_000_000,
    fineTuneTasks: [],
    note:
      'What the Hub calls Florence-2-large since December 2024: trained on, reads and writes up to ' +
      '4,096 tokens, keeps the lines of a text apart. Its captions differ from those of large.',
    files: [
      {
        path: 'config.json',
        size: 2445,
        sha256: '6f8a8f92a74ce18b5c1e5646b4a8222477dd1ac49f31b953e75d6fc3e0f8583a',
      },
      LARGE_GENERATION,
      ...MICROSOFT_FILES,
      weights(1_553_563_458, '4f38ce741c6b71188fe2b3419a55e11917a8a7b321ae2e63c61da0191b0ebad7'),
    ],
  },
  {
    name: 'large-ft',
    aliases: ['florence-2-large-ft'],
    repository: 'microsoft/Florence-2-large-ft',
    revision: '4a12a2b54b7016a48a22037fbd62da90cd566f2a',
    layout: 'microsoft',
    licence: MIT,
    millionParameters: 770,
    downloadBytes: 1_544_000_000,
    note: 'large, tuned further on public data sets of captions, questions and detection.',
    files: [
      LARGE_CONFIG,
      LARGE_GENERATION,
      ...MICROSOFT_FILES,
      weights(1_540_980_506, '8b4e610c952eef90a836c56cda0f398a672a3a6ca7b4d96b0e09a86dee42e2c3'),
    ],
  },
  {
    name: 'base-native',
    aliases: [],
    repository: 'florence-community/Florence-2-base',
    revision: '00921df66db728a9ceb750f5eca43e5c203a2051',
    layout: 'transformers',
    licence: MIT,
    millionParameters: 231,
    downloadBytes: 468_000_000,
    fineTuneTasks: [],
    note: 'base as converted for transformers 4.56 and later; the same numbers.',
    files: [
      known(
        'added_tokens.json',
        '1d75deda84dfa81fb6c09301f3fed00f9695059568bbb1403a6bf299cd84fc37',
      ),
      known('config.json', '2a4dfe9885d183da121f239ada734bd700ee6908b650a7a25ab32eb104fe1d7a'),
      known(
        'generation_config.json',
        '0251459c49cc358ac033b5d4b8569e61ac22bde5d76be404b97a44cfb33fb12e',
      ),
      known('merges.txt', '1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5'),
      known(
        'preprocessor_config.json',
        '1396ec5a0a7adfe1c04fb777b09e8ba753be6dbb5868212ab3c3ef39d91fe031',
      ),
      known(
        'processor_config.json',
        'cd0e3bf41a39b1276503fbd273bc03b9afc70d7a15ea681a92a1b4b77f858ee6',
      ),
      known(
        'special_tokens_map.json',
        '72ff172dc769bc1551b1b4211628ce3271643bc60379e4da45d85a9be9332c39',
      ),
      known('tokenizer.json', '3ad7001f773409abe6bba33eac92662611a73d72f459bda2f00d2a221dd31ce4'),
      known(
        'tokenizer_config.json',
        'cb5f80bd9afa767bb1bb798ee5f0a79eae45239b8e72506166b4218175a16723',
      ),
      known('vocab.json', 'ed19656ea1707df69134c4af35c8ceda2cc9860bf2c3495026153a133670ab5e'),
      weights(463_178_864, '62f3e696da74f8869a68ddb529a9b3e14eb25b21c592cb3dea6179bf944df6a0'),
    ],
  },
  {
    name: 'base-ft-native',
    aliases: [],
    repository: 'florence-community/Florence-2-base-ft',
    revision: '0b03b6f15a4a211370fb204aee4e7dd48887ea37',
    layout: 'transformers',
    licence: MIT,
    millionParameters: 231,
    downloadBytes: 468_000_000,
    note: 'base-ft as converted for transformers 4.56 and later; the same numbers.',
    files: [
      weights(463_178_864, 'ab06dea66b16d5e54513256d64854be2194443452fd0d84353b40a278bf87d42'),
    ],
  },
  {
    name: 'large-4k-native',
    aliases: ['large-native'],
    repository: 'florence-community/Florence-2-large',
    revision: '4271c66b88cdbc05735372ec13b2360108de5317',
    layout: 'transformers',
    licence: MIT,
    millionParameters: 776,
    downloadBytes: 1_558_000_000,
    fineTuneTasks: [],
    note: 'large-4k as converted for transformers 4.56 and later.',
    files: [
      weights(1_553_541_016, '7715423d6549bf1e71188bdd84f4ac960cc0597886af24a5ef7b66f128660685'),
    ],
  },
  {
    name: 'promptgen-base',
    aliases: ['promptgen-base-v2.0'],
    repository: 'MiaoshouAI/Florence-2-base-PromptGen-v2.0',
    revision: '59b6e4bf75d0f3e8a6b1a14211f6a50fcdd48d63',
    layout: 'microsoft',
    licence: ON_MODEL_CARD,
    millionParameters: 271,
    downloadBytes: 1_083_000_000,
    fineTuneTasks: PROMPTGEN_2,
    note: 'base, tuned to describe pictures as prompts for image generators: tags and mixed captions.',
    files: [],
  },
  {
    name: 'promptgen-large',
    aliases: ['promptgen', 'promptgen-large-v2.0'],
    repository: 'MiaoshouAI/Florence-2-large-PromptGen-v2.0',
    revision: '4aa33eaf50aab040fe8523312ff52eb53322c220',
    layout: 'microsoft',
    licence: ON_MODEL_CARD,
    millionParameters: 823,
    downloadBytes: 3_291_000_000,
    fineTuneTasks: PROMPTGEN_2,
    note: 'large, tuned to describe pictures as prompts for image generators: tags and mixed captions.',
    files: [
      known(
        'model.safetensors',
        '95b6441fb8e3a96b1f6ec0ac894a7632ea49fc77c0dd623a7a53d1d879390321',
      ),
    ],
  },
  {
    name: 'promptgen-base-v1.5',
    aliases: [],
    repository: 'MiaoshouAI/Florence-2-base-PromptGen-v1.5',
    revision: 'caf550c43498b7e98c9b5919bf204309a56cfc47',
    layout: 'microsoft',
    licence: ON_MODEL_CARD,
    millionParameters: 271,
    downloadBytes: 1_083_000_000,
    fineTuneTasks: ['generate_tags', 'mixed_caption'],
    note: 'The version before promptgen-base.',
    files: [
      known(
        'model.safetensors',
        '7727411b7449737a010e7f5fcb7c28a5d2d4d93fa89370b92dfb05ee225259ff',
      ),
    ],
  },
  {
    name: 'promptgen-large-v1.5',
    aliases: [],
    repository: 'MiaoshouAI/Florence-2-large-PromptGen-v1.5',
    revision: 'e4fb0497102b985f4af0d27d68b4106ff6e73a59',
    layout: 'microsoft',
    licence: ON_MODEL_CARD,
    millionParameters: 823,
    downloadBytes: 3_291_000_000,
    fineTuneTasks: ['generate_tags', 'mixed_caption'],
    note: 'The version before promptgen-large.',
    files: [],
  },
  {
    name: 'cogflorence',
    aliases: ['cogflorence-2.2'],
    repository: 'thwri/CogFlorence-2.2-Large',
    revision: '19f2c614fdfd18ba49c81d567d70d3a68313e0bb',
    layout: 'microsoft',
    licence: ON_MODEL_CARD,
    millionParameters: 823,
    downloadBytes: 1_648_000_000,
    note: 'large, tuned on long descriptions by CogVLM2: use the more detailed caption.',
    files: [],
  },
  {
    name: 'cogflorence-2.1',
    aliases: [],
    repository: 'thwri/CogFlorence-2.1-Large',
    revision: 'cd834343b8e903f05aca17cd0e313b74014ccc11',
    layout: 'microsoft',
    licence: ON_MODEL_CARD,
    millionParameters: 823,
    downloadBytes: 1_648_000_000,
    note: 'The version before cogflorence.',
    files: [],
  },
  {
    name: 'flux-large',
    aliases: ['florence-2-flux-large'],
    repository: 'gokaygokay/Florence-2-Flux-Large',
    revision: 'a828167bee1befbf73c9d384f7da04743d830232',
    layout: 'microsoft',
    licence: ON_MODEL_CARD,
    millionParameters: 823,
    downloadBytes: 3_291_000_000,
    note: 'large, tuned to describe pictures in the style of prompts for Flux.',
    files: [
      known(
        'model.safetensors',
        '82d0f8da156f27d64c31abef8281b1c4cb646ec4edfab2debe5f64a78d208946',
      ),
    ],
  },
  {
    name: 'docvqa',
    aliases: ['florence-2-docvqa'],
    repository: 'HuggingFaceM4/Florence-2-DocVQA',
    revision: '2f8e312df1b0689740beba3c2f3dbfc61067ad7e',
    layout: 'microsoft',
    licence: ON_MODEL_CARD,
    millionParameters: 823,
    downloadBytes: 3_291_000_000,
    note: 'large-ft, tuned to answer questions about scanned documents.',
    files: [],
  },
]

function known(path: string, sha256: string): KnownFile {
  return { path, sha256 }
}

const BY_NAME: ReadonlyMap<string, KnownModel> = new Map(
  KNOWN_MODELS.flatMap((model) => [model.name, ...model.aliases].map((name) => [name, model])),
)

/** The model with this short name, in any case. */
export function findKnownModel(name: string): KnownModel | undefined {
  return BY_NAME.get(name.toLowerCase())
}

/** The pins for a commit that somebody named in full: they hold however the model was asked for. */
export function findKnownRevision(repository: string, revision: string): KnownModel | undefined {
  return KNOWN_MODELS.find(
    (model) =>
      model.repository.toLowerCase() === repository.toLowerCase() && model.revision === revision,
  )
}
