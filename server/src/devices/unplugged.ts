/** Reason of a board that its agent does not see, though the agent itself is here: only a hello that has it brings it back. */
export const unplugged = 'unplugged';
