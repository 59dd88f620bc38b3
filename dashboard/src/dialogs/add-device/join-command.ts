/**
 * What to paste on the machine beside the hardware. The agent is the lab's own package, of the matching version;
 * single quotes keep a shell from touching the token.
 */
export function joinCommand(origin: string, agentPackage: string, token: string): string {
  const base = origin.replace(/\/$/, '');
  const path = agentPackage.startsWith('http') ? agentPackage : `${base}/${agentPackage.replace(/^\//, '')}`;
  return `npm install -g ${path} && hilltop-agent ${base} --token ${token}`;
}

/** Addresses only this machine understands. */
export function isLoopback(origin: string): boolean {
  const host = new URL(origin).hostname;
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}

/** The address for the line: the one this page was reached by, unless that means "this machine" and the lab has another. */
export function joinOrigin(pageOrigin: string, labUrls: readonly string[]): string {
  if (!isLoopback(pageOrigin)) return pageOrigin;
  return labUrls.find((url) => !isLoopback(url)) ?? pageOrigin;
}
