import { PanelRight } from 'lucide-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { Button } from '../ui/button.js';
import type { DrawerTab } from './drawer.js';
import css from './drawer.module.css';
import { MentionToast } from './mention-toast.js';
import { useMentions } from './use-mentions.js';

const Drawer = lazy(() => import('./drawer.js').then((m) => ({ default: m.Drawer })));

/** Opens the drawer; counts what mentions me and is not read. */
export function DrawerButton() {
  const mentions = useMentions();
  const [tab, setTab] = useState<DrawerTab>();
  const button = useRef<HTMLButtonElement>(null);
  const count = mentions.unread.length;
  const close = (): void => {
    setTab(undefined);
    button.current?.focus();
  };
  return (
    <>
      <span className={css.holder}>
        <Button
          ref={button}
          kind="quiet"
          aria-label={`Activity, notes and mentions${count === 0 ? '' : `, ${count} unread`}`}
          aria-expanded={tab !== undefined}
          data-testid="drawer-button"
          icon={<PanelRight size={18} aria-hidden />}
          onClick={() => (tab === undefined ? setTab(count > 0 ? 'mentions' : 'activity') : close())}
        />
        {count > 0 && (
          <span className={css.badge} aria-hidden="true" data-testid="mention-badge">
            {count > 99 ? '99+' : count}
          </span>
        )}
      </span>
      <MentionToast unread={mentions.unread} isKnown={mentions.isKnown} />
      {tab && (
        <Suspense fallback={null}>
          <Drawer tab={tab} onTab={setTab} onClose={close} mentions={mentions} />
        </Suspense>
      )}
    </>
  );
}
