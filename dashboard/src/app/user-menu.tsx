import { CircleUser, LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { Button } from '../ui/button.js';
import { useLab, useMe } from './lab-context.js';
import { applyTheme, readTheme, type Theme, themeOf } from './theme.js';
import css from './user-menu.module.css';

const icons = { system: Monitor, light: Sun, dark: Moon } as const;
const words = { system: 'As the system', light: 'Light', dark: 'Dark' } as const satisfies Record<Theme, string>;

/** Who you are, the theme, signing out. */
export function UserMenu() {
  const { api, session, storage } = useLab();
  const me = useMe().data;
  const [theme, setTheme] = useState(() => readTheme(storage));
  const choose = (value: string): void => {
    const next = themeOf(value);
    applyTheme(next, document.documentElement, storage);
    setTheme(next);
  };
  const signOut = (): void => {
    // A token of this browser alone is revoked; without the lab it is at least forgotten here.
    const ended = session.getState().origin === 'code' ? api.endSession() : Promise.resolve();
    void ended.catch(() => undefined).then(() => session.signOut());
  };
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button kind="quiet" aria-label="You and the theme" icon={<CircleUser size={18} aria-hidden />} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Content className={css.menu} align="end" sideOffset={4}>
        <DropdownMenu.Label className={css.who}>
          <strong>{me?.user?.name ?? 'Signed in'}</strong>
          {me && <span className="muted"> {me.role}</span>}
        </DropdownMenu.Label>
        <DropdownMenu.Separator className={css.line} />
        <DropdownMenu.RadioGroup value={theme} onValueChange={choose} aria-label="Theme">
          {(Object.keys(words) as Theme[]).map((name) => {
            const Icon = icons[name];
            return (
              <DropdownMenu.RadioItem key={name} value={name} className={css.item}>
                <Icon size={15} aria-hidden /> {words[name]}
                <DropdownMenu.ItemIndicator className={css.check}>✓</DropdownMenu.ItemIndicator>
              </DropdownMenu.RadioItem>
            );
          })}
        </DropdownMenu.RadioGroup>
        <DropdownMenu.Separator className={css.line} />
        <DropdownMenu.Item className={css.item} onSelect={signOut}>
          <LogOut size={15} aria-hidden /> Sign out
        </DropdownMenu.Item>
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}
