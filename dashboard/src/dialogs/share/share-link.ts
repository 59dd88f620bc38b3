import { joinOrigin } from '../add-device/join-command.js';

/** The link as others can open it: the address this page has, unless only this machine understands that. */
export function shareLink(pageOrigin: string, labUrls: readonly string[], path: string, code: string): string {
  return `${joinOrigin(pageOrigin, labUrls).replace(/\/+$/, '')}${path}#guest=${code}`;
}

/** How long a link may live, as it is offered. */
export const shareHours = [
  [1, '1 hour'],
  [8, '8 hours'],
  [24, '24 hours'],
  [24 * 7, '7 days'],
  [24 * 31, '31 days'],
] as const;
