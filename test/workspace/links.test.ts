import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from '@jest/globals';
import { root } from '../support/lab.js';

const pages = [
  'README.md',
  'firmware-bridge/firmware/README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
].map((file) => join(root, file));

/** The anchor that a heading gets on the pages of common hosts. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
const withoutCode = (text: string): string => text.replace(/```[\s\S]*?```|`[^`\n]*`/g, '');
const anchors = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map((heading) => anchorOf(heading[1]!));

it('every link of the documentation leads somewhere in the tree', () => {
  const links = pages.flatMap((page) =>
    [...withoutCode(readFileSync(page, 'utf8')).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(
      (link) => ({
        page,
        to: link[1] ? join(dirname(page), link[1]) : page,
        anchor: link[2],
      }),
    ),
  );
  expect(links.length).toBeGreaterThan(20);
  const broken = links.filter(
    ({ to, anchor }) => !existsSync(to) || (anchor !== undefined && !anchors(to).includes(anchor)),
  );
  expect(
    broken.map(({ page, to, anchor }) => `${relative(root, page)}: ${relative(root, to)}#${anchor ?? ''}`),
  ).toEqual([]);
});
