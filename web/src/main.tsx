// Starts the page.
import { render } from 'preact'
import { App } from './app.tsx'
import { createApiKey } from './server/api-key.ts'
import { createServer } from './server/server.ts'
import { chooseTheme, readTheme } from './session/theme.ts'
import './style/index.css'

const base = new URL('.', document.baseURI).href
const apiKey = createApiKey(sessionStorage, localStorage)
const server = createServer({ base, key: apiKey })
chooseTheme(readTheme(localStorage), document.documentElement, localStorage)
const root = document.getElementById('app')
if (root) {
  render(<App server={server} apiKey={apiKey} address={base.replace(/\/$/, '')} />, root)
}
