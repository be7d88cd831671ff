// What the functions of this layer share: where models lie, and where they come from.
import * as path from 'node:path'
import { type Logger, silentLogger } from '../base/log.ts'
import { nodeFileSystem, type StoreFileSystem } from './disk.ts'
import { createHub, type Hub, type HubOptions } from './hub.ts'
import { createLayout, type StoreLayout } from './layout.ts'

export interface ModelStore {
  readonly layout: StoreLayout
  readonly hub: Hub
  /** True: nothing is ever fetched. */
  readonly offline: boolean
  readonly logger: Logger
  readonly fileSystem: StoreFileSystem
}

export interface StoreOptions {
  /** The cache folder; a relative one counts from the working directory. */
  readonly root: string
  readonly hub?: HubOptions
  readonly offline?: boolean
  readonly logger?: Logger
  readonly fileSystem?: StoreFileSystem
}

/** @throws FlocapError `invalid_setting` for an endpoint or token that cannot be used. */
export function createModelStore(options: StoreOptions): ModelStore {
  return {
    layout: createLayout(path.resolve(options.root), path),
    hub: createHub(options.hub),
    offline: options.offline ?? false,
    logger: options.logger ?? silentLogger,
    fileSystem: options.fileSystem ?? nodeFileSystem,
  }
}
