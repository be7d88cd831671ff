// What proxies leave on the requests that they pass on.

/** Of the standards, of the servers that people put in front, and of the large networks; in lower case. */
export const DEFAULT_FORWARDED_HEADERS: readonly string[] = [
  'forwarded',
  'via',
  'x-forwarded-*',
  'x-forwarded',
  'x-original-*',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-envoy-*',
  'x-amzn-trace-id',
  'x-azure-*',
  'x-cloud-trace-context',
  'x-appengine-*',
  'x-vercel-*',
  'x-nf-*',
  'true-client-ip',
  'cdn-loop',
  'cf-*',
  'fastly-*',
  'fly-*',
  'ngrok-*',
  'do-connecting-ip',
  'tailscale-*',
]
