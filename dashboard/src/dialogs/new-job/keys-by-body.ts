/** One key for each different body, kept as long as the returned function. */
export function keysByBody(make: () => string): (body: unknown) => string {
  const keys = new Map<string, string>();
  return (body) => {
    const text = JSON.stringify(body);
    const key = keys.get(text) ?? make();
    keys.set(text, key);
    return key;
  };
}
