import { Button } from '../ui/button.js';
import { Notice } from '../ui/notice.js';
import { useLab, useMe } from './lab-context.js';

/** Tells a guest what they are, and how to become somebody. */
export function GuestBanner() {
  const { session } = useLab();
  const guest = useMe().data?.guest;
  if (!guest) return null;
  return (
    <Notice
      action={
        <Button size="small" onClick={() => session.signOut()}>
          Sign in
        </Button>
      }
    >
      You are watching as <strong>{guest.name}</strong>; sign in to take part.
    </Notice>
  );
}
