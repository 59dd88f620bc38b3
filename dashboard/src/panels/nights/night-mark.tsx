import type { NightWord } from './night-words.js';
import css from './nights.module.css';

const shapes = { ok: '●', busy: '▶', warn: '▲', bad: '■', off: '○' } as const;

/** Shape, colour and word. */
export function NightMark({ night, isBare = false }: { readonly night: NightWord; readonly isBare?: boolean }) {
  return (
    <span className={css.mark} data-tone={night.tone} data-state={night.word}>
      <span aria-hidden="true">{shapes[night.tone]}</span>
      <span className={isBare ? 'hidden' : undefined}>
        {night.word}
        {night.code && <code> {night.code}</code>}
      </span>
    </span>
  );
}
