import { usageFailure } from './failure.js';

const longestInput = 65_536;

/**
 * Reads standard input to its end, as text.
 * @throws CommandFailure where it is a terminal, or longer than anything that is meant.
 */
export async function readStandardInput(what: string): Promise<string> {
  const { stdin } = process;
  if (stdin.isTTY)
    throw usageFailure(`give ${what} on standard input, by a pipe: see tt-token --help`);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > longestInput) throw usageFailure(`standard input is too long for ${what}`);
  }
  // Not toString(): the decoder drops a byte order mark, which PowerShell sets.
  return new TextDecoder().decode(Buffer.concat(chunks));
}
