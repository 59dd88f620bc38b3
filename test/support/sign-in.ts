import type { TokenCreated, User } from '@hilltop/contracts';
import { openBrowser } from './browser.js';
import type { TestLab } from './lab.js';

export type Screen = Awaited<ReturnType<typeof openBrowser>> & { readonly token: string };

/** A browser of their own for somebody who has a token. */
export async function signIn(lab: TestLab, token: string): Promise<Screen> {
  const browser = await openBrowser();
  await browser.page.goto(lab.url);
  await browser.page.getByLabel('Token or one-time code').fill(token);
  await browser.page.keyboard.press('Enter');
  await browser.page.waitForSelector('[data-testid="connection-pill"]', { timeout: 30_000 });
  return { ...browser, token };
}

/** Makes a person and gives them a browser. */
export async function newPerson(lab: TestLab, name: string, role: User['role'] = 'operator'): Promise<Screen> {
  const user = await lab.api<User>('POST', '/users', { name, role });
  return signIn(lab, (await lab.api<TokenCreated>('POST', '/tokens', { kind: 'usr', userId: user.id })).secret);
}
