import css from './chart.module.css';
import type { Mark } from './chart-model.js';

/** A point that somebody else has chosen. */
export interface Peer {
  readonly connection: string;
  readonly key: string;
  readonly name: string;
  readonly colour: number;
}

/** Somebody else's pointer, in pixels of this picture. */
export interface PeerCursor {
  readonly connection: string;
  readonly name: string;
  readonly colour: number;
  readonly x: number;
  readonly y: number;
}

/** What others have chosen here: a ring in their colour, and one name for each of them. */
export function PeerRings({
  peers,
  find,
}: {
  readonly peers: readonly Peer[];
  readonly find: (key: string) => Mark | undefined;
}) {
  const named = new Set<string>();
  return peers.map((peer) => {
    const mark = find(peer.key);
    if (!mark) return null;
    const isFirst = !named.has(peer.connection);
    named.add(peer.connection);
    return (
      <g
        key={`${peer.connection} ${peer.key}`}
        className={css.peer}
        data-colour={peer.colour}
        data-testid={`peer-${peer.name}`}
      >
        <circle cx={mark.cx} cy={mark.cy} r={11} />
        {isFirst && (
          <text x={mark.cx + 13} y={mark.cy - 10}>
            {peer.name}
          </text>
        )}
      </g>
    );
  });
}

/** Others' pointers: where they point in the data, whatever the size of their window. */
export function PeerCursors({ cursors }: { readonly cursors: readonly PeerCursor[] }) {
  return cursors.map(({ connection, name, colour, x, y }) => (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it can be focused
    <g
      key={connection}
      className={css.cursor}
      data-colour={colour}
      data-testid={`cursor-${name}`}
      aria-hidden="true"
      style={{ transform: `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)` }}
    >
      <path d="M0 0L0 13L3.6 9.8L6.2 15L8.4 14L5.9 8.9L10.4 8.6Z" />
      <text x={12} y={18}>
        {name}
      </text>
    </g>
  ));
}
