import { initialsOf, type PersonHere } from '@hilltop/contracts';
import { useLab } from './lab-context.js';
import css from './people.module.css';
import { useFollowed, usePeople } from './use-presence.js';

const words = { active: 'here', idle: 'idle', away: 'away' } as const;
/** More avatars than this are one number. */
const shownPeople = 5;

/** `Ana, operator, here, on /models/net, 2 tabs`. */
function describe({ name, role, guest, screens }: PersonHere): string {
  const [first] = screens;
  return [
    name,
    guest ? 'guest' : role,
    words[first!.state],
    `on ${first!.page.split('?')[0]}`,
    ...(screens.length > 1 ? [`${screens.length} tabs`] : []),
  ].join(', ');
}

/** Who else is here: one avatar a person; a click mirrors what they look at. */
export function People() {
  const { presences } = useLab();
  const people = usePeople();
  const followed = useFollowed();
  if (people.length === 0) return null;
  const more = people.length - shownPeople;
  return (
    <ul className={css.people} aria-label="Who is here">
      {people.slice(0, shownPeople).map((person) => {
        const screen = person.screens[0]!;
        const isFollowed = followed?.person.key === person.key;
        return (
          <li key={person.key}>
            <button
              type="button"
              data-follow
              className={css.avatar}
              data-colour={person.colour}
              data-guest={person.guest}
              data-state={screen.state}
              aria-pressed={isFollowed}
              // What is seen is part of the name, for those who speak to their computer.
              aria-label={`${initialsOf(person.name)}: ${isFollowed ? 'stop following' : 'follow'} ${describe(person)}`}
              title={describe(person)}
              onClick={() => presences.follow(isFollowed ? undefined : screen.connection)}
            >
              {initialsOf(person.name)}
            </button>
          </li>
        );
      })}
      {more > 0 && <li className={css.more}>+{more}</li>}
    </ul>
  );
}

/** Says whose view this is while it is somebody else's. */
export function FollowBar() {
  const { presences } = useLab();
  const followed = useFollowed();
  if (!followed) return null;
  return (
    <div className={css.follow} data-colour={followed.person.colour} role="status">
      Following <strong>{followed.person.name}</strong>
      <button type="button" data-follow onClick={() => presences.follow(undefined)}>
        Stop (Esc)
      </button>
    </div>
  );
}
