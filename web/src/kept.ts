/** A person's own choices on this machine; a browser that keeps nothing is no fault. */
export function kept(name: string): string | null {
  try {
    return globalThis.localStorage?.getItem(`windhover.${name}`) ?? null;
  } catch {
    return null;
  }
}
export function keep(name: string, value: string): void {
  try {
    globalThis.localStorage?.setItem(`windhover.${name}`, value);
  } catch {
    // nothing is kept then
  }
}
