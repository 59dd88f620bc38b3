import css from './compare.module.css';

const pitch = 5;

/** 100 dots, as many filled as re-draws of 100 say so: how sure, to be seen at a glance. */
export function Dots({ filled, label }: { readonly filled: number; readonly label: string }) {
  return (
    <svg className={css.dots} width={pitch * 20} height={pitch * 5} role="img" aria-label={label}>
      {Array.from({ length: 100 }, (_, i) => (
        <circle
          // biome-ignore lint/suspicious/noArrayIndexKey: the dots are all alike and never move
          key={i}
          cx={(Math.floor(i / 5) + 0.5) * pitch}
          cy={((i % 5) + 0.5) * pitch}
          r={1.7}
          data-filled={i < filled || undefined}
        />
      ))}
    </svg>
  );
}
