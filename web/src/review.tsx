// Starts the page of `flocap review`.
import './server/without-eval.ts'
import { render } from 'preact'
import { ReviewPage } from './components/review/review-page.tsx'
import { createReviewServer } from './server/review-server.ts'
import { takeSecret } from './server/take-secret.ts'
import './style/index.css'
import './style/review.css'

const root = document.getElementById('app')
if (root) {
  const secret = takeSecret(location, history, sessionStorage)
  const server = createReviewServer(new URL('.', document.baseURI).href, secret)
  render(<ReviewPage server={server} />, root)
}
