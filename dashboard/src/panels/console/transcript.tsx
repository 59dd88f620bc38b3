import type { ConsoleDocument } from '@hilltop/contracts';
import { useLayoutEffect, useMemo, useRef } from 'react';
import { useStore } from 'zustand';
import { useLab } from '../../app/lab-context.js';
import css from './console.module.css';
import { type Block, blocksOf } from './console-model.js';

const timeOf = (at: string): string => new Date(at).toLocaleTimeString('en', { hour12: false });
/** So near to the end one reads the end. */
const nearPixels = 24;

/** What was printed and typed, oldest first. Stays at the end only for who is there. */
export function Transcript({ document, empty }: { readonly document: ConsoleDocument; readonly empty: string }) {
  const box = useRef<HTMLElement>(null);
  const isAtEnd = useRef(true);
  const { lines, text, dropped } = document;
  const blocks = useMemo((): Block[] => {
    if (lines.length > 0) return blocksOf(lines);
    return text === '' ? [] : [{ kind: 'out', key: 'text', text, dropped }];
  }, [lines, text, dropped]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is new is at the end
  useLayoutEffect(() => {
    if (box.current && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [blocks]);
  return (
    <section
      ref={box}
      className={css.box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label="Text of the console"
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < nearPixels;
      }}
    >
      {blocks.length === 0 && <p className="muted">{empty}</p>}
      {blocks.map((block) => (
        <BlockView key={block.key} block={block} />
      ))}
    </section>
  );
}

function BlockView({ block }: { readonly block: Block }) {
  const { presences } = useLab();
  const colour = useStore(presences.store, ({ here }) => {
    if (block.kind !== 'in') return undefined;
    for (const { person } of here.values()) if (person.key === block.owner) return person.colour;
    return undefined;
  });
  if (block.kind === 'out')
    return (
      <pre className={css.text}>
        {block.dropped > 0 && `[${block.dropped.toLocaleString('en')} characters are not here]\n`}
        {block.text}
      </pre>
    );
  if (block.kind === 'mark')
    return (
      <p className={css.mark}>
        {block.text} <time dateTime={block.at}>{timeOf(block.at)}</time>
      </p>
    );
  return (
    <p className={css.typed} data-colour={colour} data-typed-by={block.name} title={timeOf(block.at)}>
      <span className={css.author}>{block.name}</span>
      <code>{block.text || '⏎'}</code>
      {block.isOnItsWay && <span className={css.outcome}>on its way</span>}
      {block.problem !== undefined && <span className={css.problem}>▲ {block.problem}</span>}
    </p>
  );
}
