/** A, B, C ...: what a compared point is called where there is no room for its name. */
export const letterOf = (index: number): string => String.fromCharCode(65 + index);
