import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import { People } from '../app/people.js';
import { PanelBoundary } from '../panels/panel.js';
import { Button } from '../ui/button.js';
import { ActivityTab } from './activity-tab.js';
import css from './drawer.module.css';
import { MentionsTab } from './mentions-tab.js';
import { NotesTab } from './notes-tab.js';
import type { MyMentions } from './use-mentions.js';

const tabs = { activity: 'Activity', notes: 'Notes', mentions: 'Mentions' } as const;
export type DrawerTab = keyof typeof tabs;

export interface DrawerProps {
  readonly tab: DrawerTab;
  readonly onTab: (tab: DrawerTab) => void;
  readonly onClose: () => void;
  readonly mentions: MyMentions;
}

/** Beside the screen, never over a dialog: what people do, and what they say of the thing that is shown. */
export function Drawer({ tab, onTab, onClose, mentions }: DrawerProps) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    head.current?.focus();
    document.documentElement.toggleAttribute('data-drawer', true);
    return () => void document.documentElement.toggleAttribute('data-drawer', false);
  }, []);
  return createPortal(
    <aside
      className={css.drawer}
      aria-labelledby="drawer-title"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header className={css.head}>
        <h2 id="drawer-title" ref={head} tabIndex={-1}>
          People
        </h2>
        <Button kind="quiet" size="small" aria-label="Close" icon={<X size={16} aria-hidden />} onClick={onClose} />
      </header>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is sent */}
      <div className={css.tabs} role="group" aria-label="Show">
        {(Object.keys(tabs) as DrawerTab[]).map((name) => (
          <button key={name} type="button" className={css.tab} aria-pressed={tab === name} onClick={() => onTab(name)}>
            {tabs[name]}
            {name === 'mentions' && mentions.unread.length > 0 && ` (${mentions.unread.length})`}
          </button>
        ))}
      </div>
      <div className={css.here}>
        <People />
      </div>
      <div className={css.body}>
        <PanelBoundary key={tab}>
          {tab === 'activity' && <ActivityTab />}
          {tab === 'notes' && <NotesTab />}
          {tab === 'mentions' && <MentionsTab mentions={mentions} />}
        </PanelBoundary>
      </div>
    </aside>,
    document.body,
  );
}
