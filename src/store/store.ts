// What the functions of this layer share: where models lie, and where they come from.
import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'
import { type Logger, silentLogger } from '../base/log.ts'
import { nodeFileSystem, type StoreFileSystem } from './disk.ts'
import { createHub, type Hub, type HubOptions } from './hub.ts'
import { createLayout, findCacheRoot, type StoreLayout } from './layout.ts'

export interface ModelStore {
  readonly layout: StoreLayout
  readonly hub: Hub
  /** True: nothing is ever fetched. */
  readonly offline: boolean
  readonly logger: Logger
  readonly fileSystem: StoreFileSystem
}

export interface StoreOptions {
  /** The user's choice of a cache folder; the system's own when undefined or empty. */
  readonly root?: string | undefined
  /** The process's variables: which cache folder is the system's own depends on them. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly hub?: HubOptions
  readonly offline?: boolean
  readonly logger?: Logger
  readonly fileSystem?: StoreFileSystem
}

/** @throws FlocapError `invalid_setting` for an endpoint or token that cannot be used. */
export function createModelStore(options: StoreOptions = {}): ModelStore {
  const { platform } = process
  const root = findCacheRoot({
    platform,
    home: homedir(),
    environment: options.environment ?? {},
    override: options.root,
  })
  return {
    layout: createLayout(root, platform === 'win32' ? win32 : posix),
    hub: createHub(options.hub),
    offline: options.offline ?? false,
    logger: options.logger ?? silentLogger,
    fileSystem: options.fileSystem ?? nodeFileSystem,
  }
}
