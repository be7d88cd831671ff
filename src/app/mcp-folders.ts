// The folders of `--mcp-root`, for both ways into the MCP server.
import type { Settings } from '../config/settings.ts'
import type { HttpSettings } from '../http/settings.ts'
import { openPictureFolders, type PictureFolders } from '../mcp/pictures/picture-folders.ts'
import { recognisePicture } from './picture-kind.ts'

/** @throws FlocapError `invalid_setting` for a root that is no folder. */
export async function openMcpFolders(
  { mcpRoot }: Pick<Settings, 'mcpRoot'>,
  { maxBodyBytes }: Pick<HttpSettings, 'maxBodyBytes'>,
): Promise<PictureFolders> {
  return openPictureFolders(mcpRoot, {
    maxBytes: maxBodyBytes,
    isPicture: (start) => recognisePicture(start).readable,
  })
}
