// What to enter in which client, with the address of this very server.

export interface Connection {
  readonly client: string
  /** Where in the client the value goes. */
  readonly where: string
  readonly value: string
}

/**
 * @param address of the server, without a slash at the end
 * @param needsKey whether the curl line must show a key
 */
export function connectionsTo(address: string, needsKey: boolean): readonly Connection[] {
  const key = needsKey ? ' -H "Authorization: Bearer $FLOCAP_API_KEY"' : ''
  return [
    {
      client: 'SillyTavern',
      where:
        'Extensions → Image Captioning: source Multimodal, API KoboldCpp or llama.cpp, tick Use secondary URL',
      value: address,
    },
    {
      client: 'Anything that speaks OpenAI',
      where: `Base URL; ${needsKey ? 'the API key of this server' : 'any API key'}, any model name`,
      value: `${address}/v1`,
    },
    { client: 'Anything that speaks Ollama', where: 'Address of the server', value: address },
    {
      client: 'curl',
      where: 'In a terminal',
      value: `curl${key} --data-binary @photo.jpg ${address}/api/v1/caption`,
    },
  ]
}
