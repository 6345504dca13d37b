import { findServer, loginFile, serverUrl, writeLogin, type ServerAddress } from '../config.ts'
import { printJson, type CommonFlags, type World } from '../context.ts'
import { badInput } from '../problem.ts'
import { connectServer, keyRefused } from '../server-client.ts'

/** Stores the address and key of a server once they have proved right; without an address, prints the link of the one at hand. */
export async function login(
  world: World,
  given: string | undefined,
  key: string | undefined,
  flags: CommonFlags,
): Promise<void> {
  if (given === undefined) return printLink(world, flags)
  const address = await readAddress(world, given, key)
  const { version } = await connectServer(address).info()
  const file = loginFile(world.environment)
  writeLogin(file, { url: address.url, apiKey: address.apiKey })
  if (flags.json === true) return printJson(world, { url: address.url, version, file })
  world.terminal.note(
    `Logged in to ${address.url} (Plotline ${version}). The key is kept in ${file}.`,
  )
}

/** The link that opens the page in a browser, as the server printed it at its start. */
async function printLink(world: World, flags: CommonFlags): Promise<void> {
  const address = findServer(flags, world.environment, world.folder)
  await connectServer(address).info()
  if (address.apiKey === undefined) throw keyRefused(address)
  const link = `${address.url}/#key=${encodeURIComponent(address.apiKey)}`
  if (flags.json === true) return printJson(world, { url: address.url, link })
  world.terminal.print(link)
}

/** The key stands in the argument, in the link itself, or comes from standard input, which no list of processes shows. */
async function readAddress(
  { terminal }: World,
  given: string,
  key: string | undefined,
): Promise<ServerAddress & { readonly apiKey: string }> {
  const [link = '', fragment] = given.split('#key=')
  const url = serverUrl(link.replace(/\/jobs\b.*$/, ''))
  const fromLink = fragment === undefined ? undefined : decodeURIComponent(fragment)
  const apiKey = (key ?? fromLink ?? (await askKey())).trim()
  if (apiKey === '') throw badInput('The API key is empty.')
  return { url, apiKey, keySource: 'the command line' }

  async function askKey(): Promise<string> {
    return terminal.canAsk ? terminal.ask(`API key of ${url}: `) : terminal.readInput()
  }
}
