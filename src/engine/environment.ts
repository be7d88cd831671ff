// The environment of an engine process: where pictures of strangers are decoded, no secret lies.
//
// An engine needs to be told where libraries and drivers are, and nothing that opens a door: it asks
// nobody anything over a network.

/** Names of variables that hold secrets by every convention, FLOCAP_API_KEY and HF_TOKEN included. */
const SECRET_NAME =
  /TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|_AUTH$|^AUTH_|_PROXY$|COOKIE|WEBHOOK/i
/** `scheme://user:password@host`, whatever the variable is called. */
const URL_WITH_PASSWORD = /^[a-z][a-z\d+.-]*:\/\/[^/@\s]*:[^/@\s]*@/i

export function withoutSecrets(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value = '']) => !SECRET_NAME.test(name) && !URL_WITH_PASSWORD.test(value),
    ),
  )
}
