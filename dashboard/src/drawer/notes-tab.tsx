import { NotesPanel } from '../panels/notes/notes-panel.js';
import { Empty } from '../ui/empty.js';
import { useObject } from './use-object.js';

/** Notes of the thing that is shown. */
export function NotesTab() {
  const object = useObject();
  if (object?.subject === undefined)
    return <Empty>Open a model, device, job, run or sweep: its notes stand here.</Empty>;
  return <NotesPanel key={object.id} subject={object.subject} />;
}
